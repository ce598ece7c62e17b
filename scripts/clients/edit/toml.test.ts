import { expect, test } from "vitest";
import { removeEntry, setEntry } from "./entry.ts";
import { toml } from "./toml.ts";

const path = ["mcp_servers", "memory"];
const value = { url: "http://127.0.0.1:8082/mcp", bearer_token_env_var: "T" };
const set = (text: string, entry: Readonly<Record<string, string | object>> = value) =>
  setEntry(toml, text, path, entry as typeof value);

const ENTRY = '[mcp_servers.memory]\nurl = "http://127.0.0.1:8082/mcp"\nbearer_token_env_var = "T"';
const INLINE = '{ url = "http://127.0.0.1:8082/mcp", bearer_token_env_var = "T" }';

test.each([
  ["an empty file", "", `${ENTRY}\n`],
  ["only a comment", "# mine", `# mine\n\n${ENTRY}`],
  ["other tables", '[mcp_servers.a]\nurl = "x"\n[z]\n', `[mcp_servers.a]\nurl = "x"\n[z]\n\n${ENTRY}\n`],
  [
    "an inline table",
    "mcp_servers = { a = { b = 1 } } # c\n",
    `mcp_servers = { a = { b = 1 }, memory = ${INLINE} } # c\n`,
  ],
  ["an empty inline table", "mcp_servers = {}", `mcp_servers = { memory = ${INLINE} }`],
])("it is put into %s, and taken out again", (_what, text, expected) => {
  expect(set(text)).toBe(expected);
  expect(removeEntry(toml, expected, path)).toBe(text);
});

test.each([
  ["a table", '[mcp_servers."memory"] # c\ncommand = "npx"\nargs = [\n  "a", # b\n]\nenabled = false # off\n[z]\n'],
  ["dotted keys", 'mcp_servers.memory.command = "npx"\nmcp_servers.memory.enabled = false\nother = 1\n'],
  ["an inline table", '[mcp_servers]\nmemory = { command = "npx", enabled = false } # c\n'],
  ["tables in it", '[mcp_servers.memory.env]\nA = "b"\n\n[mcp_servers.memory]\nenabled = false\n[z]\na = 1\n'],
])("one that a person has written as %s is changed in place, and keeps what else is in it", (_what, text) => {
  const changed = set(text, { ...value, enabled: true as never });
  expect(toml.read(changed, path)).toEqual({ enabled: false, ...value });
  expect(set(changed)).toBe(changed);
  expect(changed).toContain("enabled = false");
  expect(toml.read(removeEntry(toml, changed, path), path)).toBeUndefined();
});

test("a table of its own for the headers gets the header", () => {
  const text = '[mcp_servers.memory]\n\n[mcp_servers.memory.env_http_headers]\nX-B = "c"\n\n[z]\n';
  const changed = set(text, { url: "u", env_http_headers: { "X-A": "T" } });
  expect(changed).toBe(
    '[mcp_servers.memory]\nurl = "u"\n\n[mcp_servers.memory.env_http_headers]\nX-B = "c"\nX-A = "T"\n\n[z]\n',
  );
});

test("what looks like a table inside a text is none", () => {
  const text = 'a = """\n[mcp_servers.memory]\nurl = "x"\n"""\nb = \'\'\'\n[mcp_servers.memory]\'\'\'\n';
  expect(removeEntry(toml, text, path)).toBe(text);
  expect(set(text)).toBe(`${text}\n${ENTRY}\n`);
});

test.each([
  ["mcp_servers = 1\n", "line 1, column 1: mcp_servers is something else, expected a table"],
  ["a = 1\n[[mcp_servers]]\nb = 1\n", "line 2, column 1: mcp_servers is something else, expected a table"],
  ["a = 1\na = 2\n", "line 2, column 1: this is not TOML: trying to redefine an already defined table or value"],
  ["a = 1\r\nb = \r\n", "line 2, column 5: this is not TOML: invalid value"],
  ["[mcp_servers.a\n", "line 1, column"],
])("%j is refused with its place", (text, expected) => {
  expect(() => set(text)).toThrow(expected);
});

test("five megabytes in thousands of tables come back as they were", () => {
  const text = Array.from(
    { length: 5000 },
    (_, at) => `[projects."/p/${at}"]\nhistory = ["${"x".repeat(1000)}"]\n`,
  ).join("\n");
  expect(removeEntry(toml, set(text), path)).toBe(text);
});
