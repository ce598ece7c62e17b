import { parse } from "acorn";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../stacks/shipped.ts";
import { OtherShape, readTree } from "../kit/catalog-tree.ts";
import { withEntry, withoutEntry } from "./edit-catalog.ts";
import type { NewEntry } from "./entry-text.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");
const small = (entries: string) =>
  `import { defineServices${entries.includes("npm(") ? ", npm" : ""} } from "gangway-mcp/catalog";\nexport const services = defineServices({${entries}});\n`;

const catalogs: Readonly<Record<string, string>> = {
  "of a checkout": read("stacks/services.ts"),
  "of a new project": read("templates/project/services.ts"),
  "with Windows' line breaks": read("templates/project/services.ts").replaceAll("\n", "\r\n"),
  "with tabs": read("templates/project/services.ts").replaceAll("  ", "\t"),
  "with nothing in it": small(""),
  "with a comment in it": small("\n  // later\n"),
  "in one line": small(' a: { server: npm("a@1.0.0"), port: 1 } '),
  "without the last comma": small('\n  a: { server: npm("a@1.0.0"), port: 1 }\n'),
  "with comments behind entries": small('\n  a: { server: npm("a@1.0.0"), port: 1 }, // one\n  // none\n'),
  "with a comment before the comma": small('\n  a: { server: npm("a@1.0.0"), port: 1 } /* , */, // one\n'),
  "with types": small('\n  a: { server: npm("a@1.0.0") as never, port: 1 satisfies number },\n').replace(
    "export",
    'const é: Array<"😀"> = [];\nexport',
  ),
  "with a name of its own for a builder": small('\n  a: { server: n("a@1.0.0"), port: 1 },\n').replace(
    "npm }",
    "npm as n }",
  ),
};

/** What a server may say of itself, and what a registry may name. */
const hostile = [
  "*/ process.exit() /*",
  "\n});\nprocess.exit(); //",
  "\r\u2028\u2029process.exit()",
  "`${process.exit()}`",
  '"); process.exit(("',
  "\\",
  "\u001b]0;title\u0007\u001b[2J",
  "\u202e\u2066",
  "\0",
  "</script><!--",
  "'",
];

const kinds = ["npm", "pypi", "image", "http", "sse"];
const entries: NewEntry[] = kinds.flatMap((kind, at) => [
  { name: "added", kind, spec: "@scope/pkg@1.2.3", port: 8099, about: "What it does" },
  {
    name: "with-a-dash",
    kind,
    spec: hostile[at]!,
    words: hostile,
    port: 8099,
    volumes: { [`/${hostile[at + 1]}`]: "data" },
    env: { PLAIN: hostile[at + 2]! },
    secrets: ["A_KEY"],
    optionalSecrets: ["B_KEY"],
    about: hostile.join(" "),
  },
  ...hostile.map((about): NewEntry => ({ name: "added", kind, spec: about, port: 8099, about })),
]);

const names = (text: string) => readTree(text).entries.map(({ name }) => name);

test.each(Object.keys(catalogs))(
  "an entry is added to a catalog %s, and removing it gives back the same text",
  (of) => {
    const before = catalogs[of]!;
    for (const entry of entries) {
      const after = withEntry(before, entry);
      expect(names(after)).toEqual([...names(before), entry.name]);
      expect(withoutEntry(after, entry.name, entry.kind)).toBe(before);
    }
  },
);

test("entries that are added one after the other can be removed in any order", () => {
  for (const before of Object.values(catalogs)) {
    const added = ["one", "two", "three"].map((name, at) => ({ ...entries[0]!, name, kind: kinds[at]! }));
    const after = added.reduce(withEntry, before);
    for (const order of [added, added.toReversed(), [added[1]!, added[0]!, added[2]!]])
      expect(order.reduce((text, { name, kind }) => withoutEntry(text, name, kind), after)).toBe(before);
  }
});

test("whatever a server says, the catalog gains texts alone", () => {
  for (const entry of entries) {
    const after = withEntry(catalogs["of a new project"]!, entry);
    const own = readTree(after).entries.at(-1)!;
    const tree = parse(`({${after.slice(own.start, own.end)}})`, { ecmaVersion: "latest", sourceType: "module" });
    const { types, calls, texts } = partsOf(tree);
    expect(types).toEqual(new Set(["Program", "ExpressionStatement", "ObjectExpression", "Property", ...KNOWN]));
    expect(calls).toEqual([entry.kind]);
    expect(texts).toEqual(expect.arrayContaining([entry.spec, ...(entry.words ?? [])]));
    // eslint-disable-next-line no-control-regex -- what acts on a terminal is what this is about
    expect(after).not.toMatch(/[\0-\x09\x0b-\x1f\x7f\u2028\u2029\u202e\u2066]/);
  }
});

/** What else an entry of ours is made of: a call with texts in it, lists, and a port. */
const KNOWN = ["Identifier", "CallExpression", "Literal"];

function partsOf(tree: object) {
  const types = new Set<string>();
  const calls: string[] = [];
  const texts: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, callee, value } = node as { type?: string; callee?: { name: string }; value?: unknown };
    if (type !== undefined && type !== "ArrayExpression") types.add(type);
    if (callee !== undefined) calls.push(callee.name);
    if (type === "Literal" && typeof value === "string") texts.push(value);
    for (const each of Object.values(node)) visit(each);
  };
  visit(tree);
  return { types, calls, texts };
}

test("an import that others need stays, and one is added where it belongs", () => {
  const ours = catalogs["of a checkout"]!;
  const added = withEntry(ours, { name: "time", kind: "pypi", spec: "a==1", port: 8099 });
  expect(added).toContain(
    'import { npm } from "./catalog/kinds/npm.ts";\nimport { pypi } from "./catalog/kinds/pypi.ts";\n',
  );
  const theirs = withEntry(catalogs["of a new project"]!, { name: "time", kind: "http", spec: "http://a", port: 8099 });
  expect(theirs).toContain('import { defineServices, http, npm } from "gangway-mcp/catalog";');
  expect(withoutEntry(withoutEntry(catalogs["of a new project"]!, "memory", "npm"), "everything", "npm")).toContain(
    'import { defineServices } from "gangway-mcp/catalog";',
  );
});

test.each([
  ["no import", "export const services = defineServices({});"],
  ["entries from elsewhere", small("").replace("{}", "entries")],
  ["another name", small("").replace("const services", "const all")],
  ["more arguments", small("").replace("{}", "{}, 1")],
])("a catalog with %s is left to its owner", (_, text) => {
  expect(() => withEntry(text, entries[0]!)).toThrow(OtherShape);
});

test("an entry is written as prettier would write it", async () => {
  const { format, resolveConfig } = await import("prettier");
  const config = await resolveConfig(join(root, "stacks/services.ts"));
  for (const entry of entries.filter(({ words }) => words === undefined).slice(0, 30)) {
    const after = withEntry(catalogs["of a checkout"]!, { ...entry, spec: "a@1.0.0", words: ["a".repeat(120), "b"] });
    expect(await format(after, { ...config, parser: "typescript" })).toBe(after);
  }
});
