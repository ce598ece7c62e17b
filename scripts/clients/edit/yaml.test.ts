import { expect, test, vi } from "vitest";
import { removeEntry, setEntry } from "./entry.ts";
import type { Path } from "./syntax.ts";
import { yaml } from "./yaml.ts";

const path = ["extensions", "memory"];
const value = { type: "streamable_http", uri: "http://127.0.0.1:8082/mcp" };
const set = (text: string, at: Path = path, entry = value) => setEntry(yaml, text, at, entry);

const ENTRY = "  memory:\n    type: streamable_http\n    uri: http://127.0.0.1:8082/mcp";

test.each([
  ["an empty file", "", `extensions:\n${ENTRY}\n`],
  ["only a comment", "# mine", `# mine\nextensions:\n${ENTRY}\n`],
  ["nothing after the colon", "extensions: # mine\nz: 1\n", `extensions: # mine\n${ENTRY}\nz: 1\n`],
  ["an empty map", "extensions: {} # mine\n", `extensions: # mine\n${ENTRY}\n`],
  ["other servers", "extensions:\n  a: 1 # b\n  # c\nz: 1", `extensions:\n  a: 1 # b\n${ENTRY}\n  # c\nz: 1`],
  ["a file without a last line break", "extensions:\n  a: 1", `extensions:\n  a: 1\n${ENTRY}`],
])("it is put into %s", (_what, text, expected) => {
  expect(set(text)).toBe(expected);
});

test("what a person has added to the entry stays, and how the server was reached before does not", () => {
  const text = "extensions:\n  memory: # mine\n    cmd: npx\n    enabled: false # off\n    args:\n      - a\n  z: 1\n";
  const changed = set(text, path, { ...value, enabled: true } as never);
  expect(changed).toBe(
    "extensions:\n  memory: # mine\n    enabled: false # off\n    type: streamable_http\n    uri: http://127.0.0.1:8082/mcp\n  z: 1\n",
  );
});

test.each([
  ["beside the key", "mcpServers:\n- name: a\n  url: x\nz: 1\n"],
  ["below the key", "mcpServers:\n  -   name: a # b\n      url: x\n"],
  ["on one line", "mcpServers: [{ name: a }]\n"],
  ["that is empty", "mcpServers: []\n"],
])("a list %s gets an item, and gives it back", (_what, text) => {
  const at = ["mcpServers", { by: "name", is: "memory" }];
  const changed = set(text, at, { name: "memory", url: "u" } as never);
  expect(yaml.read(changed, at)).toEqual({ name: "memory", url: "u" });
  expect(set(changed, at, { name: "memory", url: "u" } as never)).toBe(changed);
  expect(removeEntry(yaml, changed, at)).toBe(text);
});

test("an item whose first key goes keeps its dash", () => {
  const at = ["mcpServers", { by: "name", is: "memory" }];
  const changed = set("mcpServers:\n  - command: npx\n    name: memory\n", at, { name: "memory", url: "u" } as never);
  expect(changed).toBe("mcpServers:\n  - name: memory\n    url: u\n");
});

test("a name that older readers take for something else is in quotes", () => {
  expect(set("", ["extensions", "on"])).toMatch(/^extensions:\n {2}"on":/);
});

test.each([
  ["- a\n", "line 1, column 1: the top is a list, expected a map"],
  ["extensions: []\n", "line 1, column 13: extensions is a list, expected a map"],
  ["x: &a {}\nextensions: *a\n", "line 2, column 13: extensions is a reference, expected a map"],
  ["a: 1\na: 2\n", "line 2, column 1: there is a second a, expected one"],
  ['a: "x\nb: 1\n', "this is not YAML: Missing closing"],
  ["a:\r\n\t- 1\r\n", "line 2, column 1: this is not YAML: Tabs are not allowed as indentation"],
  ["a: 1\n---\nb: 2\n", "line 2, column 1: a second document begins, expected one"],
])("%j is refused with its place", (text, expected) => {
  expect(() => set(text)).toThrow(expected);
});

test("five megabytes come back as they were", () => {
  const lines = Array.from({ length: 500 }, (_, at) => `  p${at}: |\n    ${"x".repeat(10_000)}\n`).join("");
  const text = `projects:\n${lines}extensions: {}\n`;
  expect(removeEntry(yaml, set(text), path)).toBe(text);
});

test("a file that would take minutes to parse is left alone, which is said", () => {
  const large = `projects:\n${"  a: { b: 1 }\n".repeat(20_000)}`;
  expect(() => set(large)).toThrow(
    /it has some \d+ lines and values of YAML, and we edit up to 20000: put the entry in by hand/,
  );
});

test.each([
  ["without an anchor", "b: *nope\n"],
  [
    "that stands for very much",
    Array.from("bcdefgh", (key, at) => `${key}: &${key} [*${"abcdefg"[at]}, *${"abcdefg"[at]}]\n`).join(""),
  ],
])("an alias %s is told with its place", (_what, text) => {
  expect(() => set(`a: &a [x, x]\n${text}`)).toThrow("line 1, column 1: its aliases cannot be followed");
});

test("a key that is a list stays, without a warning", () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const text = "? [a, b]\n: 1\nextensions: {}\n";
  expect(removeEntry(yaml, set(text), path)).toBe(text);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
