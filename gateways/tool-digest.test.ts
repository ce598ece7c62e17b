import { expect, test } from "vitest";
import { randomNumbers } from "./fixtures/random.ts";
import { DIGEST, toolDigest, writtenToolDigest } from "./tool-digest.ts";

const TOOL = {
  name: "read_graph",
  title: "Read",
  description: "Reads the graph. Größe, 读, \u2028",
  inputSchema: { type: "object", properties: { depth: { type: "number", default: 1.5 }, 10: {}, 9: {} } },
  outputSchema: { type: "object" },
  annotations: { readOnlyHint: true },
};

test("is the same on every machine and in every version: tools.lock is committed", () => {
  expect(toolDigest(TOOL)).toBe("3tQ52OtR7FDgiIBaGSnwa1");
  expect(toolDigest({ name: "a" })).toMatch(DIGEST);
});

test.each([
  ["name", "read_grapH"],
  ["title", undefined],
  ["description", `${TOOL.description} `],
  ["description", TOOL.description.normalize("NFD")],
  ["description", null],
  ["inputSchema", { ...TOOL.inputSchema, required: ["depth"] }],
  ["inputSchema", { type: "object", properties: { depth: { type: "number", default: 2 }, 10: {}, 9: {} } }],
  ["outputSchema", {}],
  ["annotations", { readOnlyHint: false }],
  ["annotations", {}],
])("another %s is another digest (%j)", (key, value) => {
  expect(toolDigest({ ...TOOL, [key]: value })).not.toBe(toolDigest(TOOL));
});

test("what differs by revision and from list to list is left out", () => {
  const more = { icons: [{ src: "data:" }], _meta: { at: 1 }, execution: { taskSupport: "forbidden" } };
  expect(toolDigest({ ...more, ...TOOL })).toBe(toolDigest(TOOL));
});

/** An array's order counts, so that no value moves from one schema to the next unseen. */
test.each([
  [{ enum: ["a", "b"] }, { enum: ["b", "a"] }],
  [{ a: { b: 1 } }, { a: {}, b: 1 }],
  [{ a: "1" }, { a: 1 }],
  [{ a: null }, {}],
  [{ a: [] }, { a: {} }],
  [{ "a\u0000": 1 }, { a: 1 }],
  [JSON.parse('{"__proto__":{"a":1}}'), {}],
])("%j is not %j", (one: unknown, other: unknown) => {
  const [digest, another] = [one, other].map((inputSchema) => toolDigest({ name: "t", inputSchema }));
  expect(digest).toMatch(DIGEST);
  expect(another).toMatch(DIGEST);
  expect(digest).not.toBe(another);
});

test.each([
  ['{"name":"t","annotations":{"a":100}}', '{ "annotations" : {"\\u0061":1E2},\n"name":"\\u0074"}'],
  ['{"name":"t","annotations":{"a":0.1,"b":-0,"c":"/"}}', '{"annotations":{"c":"\\/","b":0,"a":1e-1},"name":"t"}'],
  ['{"name":"😀"}', '{"name":"\\ud83d\\uDE00"}'],
])("%s is %s", (one, other) => {
  expect(writtenToolDigest(one)).toMatch(DIGEST);
  expect(writtenToolDigest(other)).toBe(writtenToolDigest(one));
});

test.each([
  ["a key that comes twice", '{"name":"t","description":"good","description":"evil"}'],
  ["one deep inside", '{"name":"t","inputSchema":{"a":[{"description":"good","description":"evil"}]}}'],
  ["one written otherwise", '{"name":"t","inputSchema":{"a":1,"\\u0061":1}}'],
  ["a key that Go reads as another", '{"name":"t","Description":"evil"}'],
  ["one with the Kelvin sign's kind of letter", '{"name":"t","de\u017fcription":"evil"}'],
  ["one that is cut at NUL", '{"name":"t","title\\u0000":"evil"}'],
  ["no object", '["t"]'],
  ["null", "null"],
  ["no JSON", '{"name":"t",}'],
  ["nothing", ""],
  ["deep nesting", `{"name":"t","inputSchema":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`],
  ["deep nesting where it is not covered", `{"name":"t","_meta":${"[".repeat(3_000)}${"]".repeat(3_000)}}`],
])("%s has none", (_, text) => {
  expect(writtenToolDigest(text)).toBeUndefined();
});

/** A random JSON value. */
function valueOf(next: () => number, depth: number): unknown {
  const kind = Math.floor(next() * (depth > 3 ? 5 : 7));
  const text = () => String.fromCodePoint(...Array.from({ length: 4 }, () => 32 + Math.floor(next() * 0xd000)));
  const items = () => Array.from({ length: Math.floor(next() * 4) }, () => valueOf(next, depth + 1));
  if (kind === 0) return text();
  if (kind === 1) return (next() - 0.5) * 10 ** Math.floor(next() * 40 - 20);
  if (kind === 2) return Math.floor(next() * 2 ** 53);
  if (kind === 3) return next() < 0.5;
  if (kind === 4) return null;
  return kind === 5 ? items() : Object.fromEntries(items().map((item) => [text(), item]));
}

/** The same value written otherwise: keys turned round, spaces, escapes. */
function rewritten(value: unknown): string {
  if (typeof value === "string")
    return `"${Array.from({ length: value.length }, (_, at) => `\\u${value.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")}"`;
  if (Array.isArray(value)) return `[ ${value.map(rewritten).join(" , ")} ]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toReversed();
  return `{\n${members.map(([key, item]) => `${rewritten(key)}\t: ${rewritten(item)}`).join(",")}}`;
}

test("however a tool is written, its digest is the same, and one changed value is another", () => {
  const random = randomNumbers(14);
  const next = () => random(2 ** 30) / 2 ** 30;
  for (let round = 0; round < 500; round++) {
    const tool = { name: `t${round}`, inputSchema: valueOf(next, 0), annotations: { deep: [valueOf(next, 0)] } };
    const digest = toolDigest(tool);
    expect([writtenToolDigest(JSON.stringify(tool)), writtenToolDigest(rewritten(tool))]).toEqual([digest, digest]);
    expect(toolDigest({ ...tool, annotations: { deep: [...tool.annotations.deep, 1] } })).not.toBe(digest);
  }
});
