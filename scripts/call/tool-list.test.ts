import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { Schema, Tool } from "./endpoint.ts";
import { toolLines, typeOf } from "./tool-list.ts";

const lines = (tools: readonly Tool[]) => toolLines(tools).map(stripVTControlCharacters);

test("a tool has a line for what it does and one for each argument", () => {
  const sum: Tool = {
    name: "get-sum",
    description: "Adds two numbers.\nNothing else.",
    inputSchema: {
      properties: { a: { type: "number", description: "First number" }, note: { type: "string" } },
      required: ["a"],
    },
  };
  expect(lines([sum, { name: "pid", title: "Process id" }])).toEqual([
    "get-sum",
    "  Adds two numbers.",
    "    a     number  required  First number",
    "    note  string",
    "",
    "pid",
    "  Process id",
  ]);
});

test("tools that say nothing of themselves have a line each", () => {
  expect(lines([{ name: "a" }, { name: "b" }])).toEqual(["a", "b"]);
  expect(lines([])).toEqual(["it has no tools"]);
});

test("what a server says of its tools does nothing to the terminal", () => {
  const shown = toolLines([{ name: "\u001b[2Ja", description: "\u001b]0;title\u0007b" }]);
  expect(shown.map(stripVTControlCharacters).join(" ")).toMatch(/^[ -~]*$/);
});

test.each<[Schema, string]>([
  [{ type: "string" }, "string"],
  [{ type: "array", items: { type: "number" } }, "number[]"],
  [{ enum: ["asc", "desc"] }, '"asc" | "desc"'],
  [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string | null"],
  [{ type: ["string", "null"] }, "string | null"],
  [{ const: 1 }, "1"],
  [{}, "any"],
])("the type of %j is %s", (schema, expected) => {
  expect(typeOf(schema)).toBe(expected);
});
