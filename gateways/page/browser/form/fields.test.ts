import { expect, test } from "vitest";
import { fieldOf } from "./fields.ts";

const field = (schema: unknown, root: unknown = schema) => fieldOf(schema, root);

test.each([
  [{ type: "string" }, "text"],
  [{ type: "integer" }, "number"],
  [{ type: "boolean" }, "boolean"],
  [{ enum: [1, "a", null] }, "choice"],
  [{ const: 1 }, "choice"],
  [{ oneOf: [{ const: "a", title: "A" }, { const: "b" }] }, "choice"],
  [{ type: ["string", "null"] }, "either"],
  [{ anyOf: [{ type: "string" }, { type: "number" }] }, "either"],
  [{ type: "object" }, "object"],
  [{ properties: { a: {} } }, "object"],
  [{ type: "array", items: {} }, "list"],
  [{ items: {} }, "list"],
  [{ type: "array", items: [{}, {}] }, "json"],
  [{ prefixItems: [{}], type: "array" }, "json"],
  [{}, "json"],
  [true, "json"],
  [null, "json"],
  [{ type: "constructor" }, "json"],
  [{ type: 7 }, "json"],
  [{ enum: [] }, "json"],
  [{ anyOf: [] }, "json"],
])("the schema %j is drawn as %s", (schema, kind) => {
  expect(field(schema).kind).toBe(kind);
});

test("constants with titles are a choice by their titles", () => {
  const schema = { oneOf: [{ const: "a", title: "First" }, { const: 2 }] };
  expect(field(schema)).toMatchObject({
    options: [
      { label: "First", value: "a" },
      { label: "2", value: 2 },
    ],
  });
});

test("each type of several is a shape of its own, with the rules of all", () => {
  const schema = { type: ["string", "null"], title: "Name", minLength: 2 };
  expect(field(schema)).toMatchObject({
    ways: [{ label: "Text", schema: { type: "string", minLength: 2 } }, { label: "Nothing (null)" }],
  });
});

test("a reference leads to its definition, and what stands beside it counts, too", () => {
  const root = {
    $defs: { "a/b": { type: "string", title: "Theirs" } },
    properties: { a: { $ref: "#/$defs/a~1b", title: "Ours" } },
  };
  expect(fieldOf(root.properties.a, root)).toMatchObject({ kind: "text", title: "Ours" });
});

test.each([
  "#/$defs/none",
  "#/__proto__",
  "#/constructor/name",
  "https://example.org/schema.json",
  "other.json#/a",
  "#/$defs/%zz",
])("the reference %s, which leads nowhere, takes any JSON", ($ref) => {
  expect(field({ $ref })).toMatchObject({ kind: "json" });
});

test("references that lead in a circle end", () => {
  const root = { $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" };
  expect(field(root).kind).toBe("json");
});

test("the parts of an allOf are one object", () => {
  const root = {
    $defs: { base: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } },
    allOf: [{ $ref: "#/$defs/base" }, { properties: { b: {} }, required: ["b"] }],
  };
  const { properties } = field(root) as Extract<ReturnType<typeof fieldOf>, { kind: "object" }>;
  expect(properties.map(({ name, required }) => [name, required])).toEqual([
    ["a", true],
    ["b", true],
  ]);
});

test("names of a prototype are names like any other", () => {
  const schema = JSON.parse(
    `{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}},"required":["__proto__"]}`,
  ) as unknown;
  const { properties } = field(schema) as Extract<ReturnType<typeof fieldOf>, { kind: "object" }>;
  expect(properties.map(({ name, required }) => [name, required])).toEqual([
    ["__proto__", true],
    ["constructor", false],
  ]);
});

test("a schema with too many fields or choices is one field of JSON", () => {
  const properties = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`f${at}`, { type: "string" }]));
  expect(field({ type: "object", properties }).kind).toBe("json");
  expect(field({ enum: Array.from({ length: 10_000 }, (_, at) => at) }).kind).toBe("json");
});
