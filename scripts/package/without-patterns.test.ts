import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as acorn from "acorn";
import { expect, test } from "vitest";
import { shipped } from "../../stacks/shipped.ts";
import { withoutThem } from "./without-patterns.ts";

const whole = readFileSync(fileURLToPath(import.meta.resolve("acorn")).replace(/acorn\.js$/, "acorn.mjs"), "utf8");
const less = withoutThem(whole);
const { parse } = (await import(`data:text/javascript,${encodeURIComponent(less)}`)) as typeof acorn;

const options = { ecmaVersion: "latest", sourceType: "module", locations: true } as const;
const plain = (program: unknown) =>
  JSON.stringify(program, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));

test.each([
  [
    "regular expressions",
    String.raw`const all = [/[/\]]+/gu, /(?<year>\d{4})-\k<year>/d, /\p{Script=Greek}/v, 4 / 2 / 1];`,
  ],
  [
    "a module",
    "import { x as y } from './x.js';\nexport default { été: y?.[`${1}`], async *z() { yield await 1n; } };",
  ],
  ["acorn itself", whole],
])("%s: read as with the whole of it", (_what, text) => {
  expect(plain(parse(text, options))).toBe(plain(acorn.parse(text, options)));
});

test("what is not closed is still refused", () => {
  expect(() => parse("const x = /[/;", options)).toThrow("Unterminated regular expression");
});

test("of it a fifth is gone", () => {
  expect(less.length / whole.length).toBeLessThan(0.8);
});

test("an acorn that is written in another way is no reason to ship it whole unnoticed", () => {
  expect(() => withoutThem(readFileSync(shipped("package.json"), "utf8"))).toThrow("acorn.mjs: expected a line");
});
