import { expect, test } from "vitest";
import { readTree } from "../kit/catalog-tree.ts";
import { withVersion } from "./version-text.ts";

const catalog = (entries: string, before = "") => `import { defineServices } from "x";
${before}
export const services = defineServices({
${entries}
});
`;
const edited = (text: string, service = "memory") => withVersion(readTree(text), service, "mem@1.0.0", "mem@1.1.0");

test.each([
  [`  memory: { server: npm("mem@1.0.0"), port: 1 },`],
  [`  memory: { server: npm('mem@1.0.0', ["mem@1.0.1"]), port: 1 }, // mem@1.0.0`],
  ["  memory: { server: npm(`mem@1.0.0`) as unknown, port: 1 },"],
  [`\tother: { server: npm("mem@1.0.0") },\r\n\t"memory" : {\r\n\t\t/* "mem@1.0.0" */ server: npm( "mem@1.0.0" ) },`],
])("the version changes, and no other character: %s", (entries) => {
  const text = catalog(entries);
  const after = edited(text)!;
  const at = text.split("").findIndex((char, index) => char !== after[index]);
  expect(text.slice(at, at + 1)).toBe("0");
  expect(`${after.slice(0, at)}0${after.slice(at + 1)}`).toBe(text);
  expect(readTree(after).entries.map(({ name }) => name)).toContain("memory");
  expect(after.slice(readTree(after).entries.find(({ name }) => name === "memory")!.start)).toContain("mem@1.1.0");
});

test("a version that stands once outside of the entry changes there", () => {
  const text = catalog("  memory: { server: npm(SPEC), port: 1 },", 'const SPEC: string = "mem@1.0.0";');
  expect(edited(text)).toContain('const SPEC: string = "mem@1.1.0";');
});

test.each([
  ["it is put together", catalog('  memory: { server: npm("mem@" + "1.0.0") },')],
  ["it has a variable in it", catalog("  memory: { server: npm(`mem@${version}`) },", 'const version = "1.0.0";')],
  ["it stands twice in the entry", catalog('  memory: { server: npm("mem@1.0.0"), env: { A: "mem@1.0.0" } },')],
  ["it stands in two other entries", catalog('  a: f("mem@1.0.0"),\n  b: f("mem@1.0.0"),\n  ...more,')],
])("where %s only a person can change it", (_, text) => {
  expect(edited(text)).toBeUndefined();
});
