import { expect, test } from "vitest";
import type { Tool } from "../kit/mcp/all-tools.ts";
import { argumentsFrom } from "./words.ts";

const tool: Tool = {
  name: "search",
  inputSchema: {
    type: "object",
    properties: {
      query: { type: "string" },
      limit: { type: "number" },
      deep: { type: "boolean" },
      tags: { type: "array", items: { type: "string" } },
    },
    required: ["query"],
  },
};

test.each<[string, string[], object]>([
  ["an object", ['{"query": "a", "limit": 2}'], { query: "a", limit: 2 }],
  ["pairs, typed as the tool wants them", ["query=42", "limit=2", "deep=true"], { query: "42", limit: 2, deep: true }],
  ["JSON in a pair", ["query=a", 'tags=["x"]'], { query: "a", tags: ["x"] }],
  ["a value with = and spaces", ["query=a = b"], { query: "a = b" }],
  ["an empty value", ["query="], { query: "" }],
  ["a name that the tool does not list", ["query=a", "other=1"], { query: "a", other: 1 }],
])("%s", (_, words, expected) => {
  expect(argumentsFrom(words, tool)).toEqual(expected);
});

test("a tool without a schema gets what it is given, or nothing", () => {
  expect(argumentsFrom([], { name: "plain" })).toEqual({});
  expect(argumentsFrom(["{}"], { name: "plain" })).toEqual({});
});

test.each<[string, string[], string]>([
  ["a missing argument", [], "search needs this argument:\n  query (string)"],
  ["a misspelt one", ["qurey=a"], "query (string): did you mean it by qurey?"],
  ["an argument with two values", ["query=a", "query=b"], "query is given twice, expected once"],
  [
    "a number that would be another one",
    ["query=a", "limit=12345678901234567890"],
    "limit: 12345678901234567890 is more than",
  ],
  ["a number without an end", ["query=a", "other=1e999"], "other: 1e999 is more than a number here can hold"],
  ["an array", ["[1]"], "the arguments are [1], expected a JSON object"],
  ["a plain word", ["hello"], 'got hello, expected \'{"name": "value"}\' or name=value'],
])("%s is named", (_, words, expected) => {
  expect(() => argumentsFrom(words, tool)).toThrow(expected);
});

test.each<[string, string, string]>([
  ["keys without quotes", "{query: 1}", "  {query: 1}\n   ^"],
  ["a comma too many", '{"query": "a",}', '  {"query": "a",}\n                ^'],
  ["an end that is missing", '{"query": "a"', '  {"query": "a"\n               ^'],
  ["a word that is not JSON", '{"query": yes}', '  {"query": yes}\n            ^'],
  ["a word of Python", '{"query": True}', '  {"query": True}\n            ^'],
  ["a word that is cut short", '{"deep": tru}', '  {"deep": tru}\n              ^'],
  ["a mistake in the second line", '{"query": "a",\n "limit": x}', '   "limit": x}\n            ^'],
])("JSON with %s is shown with a mark below the place", (_, text, expected) => {
  expect(() => argumentsFrom([text], tool)).toThrow(expected);
});

test("an argument with the name of what every object has is missing until it is given", () => {
  const needy = { name: "needy", inputSchema: { required: ["constructor"] } };
  expect(() => argumentsFrom([], needy)).toThrow("needy needs this argument:\n  constructor (any)");
  expect(argumentsFrom(["constructor=1"], needy)).toEqual({ constructor: 1 });
});

test.each([null, 5, "x", { properties: null, required: "a" }, { properties: [5], required: [5, null] }])(
  "a schema that is %j wants nothing",
  (inputSchema) => {
    expect(argumentsFrom(["a=1"], { name: "odd", inputSchema })).toEqual({ a: 1 });
  },
);
