import { expect, test } from "vitest";
import { removeEntry, setEntry } from "./entry.ts";
import { json } from "./json.ts";
import type { Path } from "./syntax.ts";

const path = ["mcpServers", "memory"];
const value = { type: "http", url: "http://127.0.0.1:8082/mcp" };
const set = (text: string, at: Path = path, entry = value) => setEntry(json, text, at, entry);

const ENTRY = '"memory": {\n      "type": "http",\n      "url": "http://127.0.0.1:8082/mcp"\n    }';

test.each([
  ["an empty file", "", `{\n  "mcpServers": {\n    ${ENTRY}\n  }\n}\n`],
  ["only comments", "// mine\n", `// mine\n{\n  "mcpServers": {\n    ${ENTRY}\n  }\n}\n`],
  ["an empty object", "{}\n", `{\n  "mcpServers": {\n    ${ENTRY}\n  }\n}\n`],
  ["null for the servers", '{\n  "mcpServers": null\n}', `{\n  "mcpServers": {\n    ${ENTRY}\n  }\n}`],
  ["one line", '{"a":1}', '{"a":1,"mcpServers":{"memory":{"type":"http","url":"http://127.0.0.1:8082/mcp"}}}'],
  [
    "a comment behind the last server",
    '{\n  "mcpServers": {\n    "a": {} // mine, "x": 1\n    /* more */\n  },\n}\n',
    `{\n  "mcpServers": {\n    "a": {}, // mine, "x": 1\n    ${ENTRY}\n    /* more */\n  },\n}\n`,
  ],
  [
    "the servers twice: the last ones count",
    '{"mcpServers":{"memory":1},"mcpServers":{}}',
    '{"mcpServers":{"memory":1},"mcpServers":{"memory":{"type":"http","url":"http://127.0.0.1:8082/mcp"}}}',
  ],
])("it is put into %s", (_what, text, expected) => {
  expect(set(text)).toBe(expected);
});

test.each([
  ["[]", "line 1, column 1: the top is of type array, expected object"],
  ['{\n  "mcpServers": []\n}', "line 2, column 17: mcpServers is of type array, expected object"],
  ['{\r\n  "a": 1,,\r\n}', "line 2, column 10: this is not JSON (PropertyNameExpected)"],
  ['{\n  "a": 1\n  "b": 2\n}', "line 3, column 3: this is not JSON (CommaExpected)"],
  ['{\n  "a": "x\n}', "line 2, column 8: this is not JSON (UnexpectedEndOfString)"],
  ['{"a": 1} more', "line 1, column 10: this is not JSON (InvalidSymbol)"],
  ["{", "line 1, column 2: this is not JSON (CloseBraceExpected)"],
  ["{mcpServers: {}}", "line 1, column 2: this is not JSON (InvalidSymbol)"],
])("%j is refused with its place", (text, expected) => {
  expect(() => set(text)).toThrow(expected);
  expect(() => removeEntry(json, text, path)).toThrow(expected);
});

test("what a person has added to the entry stays, and how the server was reached before does not", () => {
  const text = `{"mcpServers":{"memory":{"command":"npx","args":["x"],"disabled":true,"note":"mine"}}}`;
  const changed = set(text, path, { ...value, disabled: false } as never);
  expect(JSON.parse(changed)).toEqual({ mcpServers: { memory: { disabled: true, note: "mine", ...value } } });
});

test("a header is written once, whatever its case was", () => {
  const text = `{"mcpServers":{"memory":{"headers":{"authorization":"Bearer old","X-Team":"a"}}}}`;
  const headers = { Authorization: "Bearer ${T}" };
  const changed = setEntry(json, text, path, { ...value, headers });
  expect(JSON.parse(changed).mcpServers.memory.headers).toEqual({ "X-Team": "a", ...headers });
});

test("of an entry that is there twice, none is left", () => {
  const text = '{"mcpServers":{"memory":1,"a":2,"memory":3}}';
  expect(removeEntry(json, text, path)).toBe('{"mcpServers":{"a":2}}');
});

test("an item of a list is found by its member, and keeps its place", () => {
  const at = ["inputs", { by: "id", is: "memory" }];
  const text = '{\n\t"inputs": [\n\t\t{ "id": "memory", "type": "old" }, // mine\n\t\t{ "id": "b" },\n\t],\n}';
  const changed = set(text, at, { id: "memory", type: "promptString" } as never);
  expect(changed).toBe(text.replace("old", "promptString"));
  expect(removeEntry(json, changed, at)).toBe('{\n\t"inputs": [\n\t\t{ "id": "b" },\n\t],\n}');
  const other = ["inputs", { by: "id", is: "c" }];
  expect(removeEntry(json, set(text, other, { id: "c" } as never), other)).toBe(text);
});

test("five megabytes in thousands of keys come back as they were", () => {
  const projects = Array.from({ length: 5000 }, (_, at) => `    "/p/${at}": { "history": ["${"x".repeat(1000)}"] }`);
  const text = `{\n  "mcpServers": {},\n  "projects": {\n${projects.join(",\n")}\n  }\n}\n`;
  expect(removeEntry(json, set(text), path)).toBe(text);
});
