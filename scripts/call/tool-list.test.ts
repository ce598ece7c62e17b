import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { Tool } from "../kit/mcp/all-tools.ts";
import { toolLines, typeOf } from "./tool-list.ts";

const lines = (tools: readonly Tool[]) => toolLines(tools, 80).map(stripVTControlCharacters);

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
  const shown = toolLines([{ name: "\u001b[2Ja", description: "\u001b]0;title\u0007b" }], 80);
  expect(shown.map(stripVTControlCharacters).join(" ")).toMatch(/^[ -~]*$/);
});

test.each<[object, string]>([
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

/** What stands where something else is expected. */
const odd = [null, 5, true, "x", [], {}, [null], [5], { a: null }, { properties: null, required: "a" }];

test.each(odd.map((said) => [said]))("%j in any place of a tool is shown as far as it can be", (said) => {
  const tool = { name: "odd", title: said, description: said, inputSchema: said };
  expect(lines([tool])[0]).toBe("odd");
  for (const field of ["type", "items", "enum", "anyOf", "oneOf", "const", "description"])
    expect(lines([{ name: "odd", inputSchema: { properties: { a: { [field]: said } } } }])[1]).toMatch(/^ {4}a {2}\S/);
  expect(lines([{ name: "odd", inputSchema: { properties: { a: said }, required: said } }])[1]).toBe("    a  any");
});

test("a type that is nested deeply ends in dots", () => {
  const deep = Array.from({ length: 5_000 }).reduce<object>((inner) => ({ type: "array", items: inner }), {});
  expect(typeOf(deep)).toMatch(/^…(\[\])+$/);
});

test.each([20, 80, 200])("no line is longer than %i characters, and none of the short cells is cut", (width) => {
  const long = "word ".repeat(60);
  const properties = { ["p".repeat(70)]: { enum: [long, long] }, b: { type: "number", description: long } };
  const shown = lines([{ name: "wide", description: long, inputSchema: { properties } }]);
  const fitting = toolLines([{ name: "wide", description: long, inputSchema: { properties } }], width);
  for (const line of fitting.map(stripVTControlCharacters))
    expect(line.length).toBeLessThanOrEqual(Math.max(width, 38));
  expect(shown.join("\n")).toMatch(/^ {4}b /m);
});
