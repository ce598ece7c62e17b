import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as acorn from "acorn";
import { expect, test } from "vitest";
import { shipped } from "../../stacks/shipped.ts";
import { withoutThem } from "./without-tables.ts";

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
  ["names of every kind", String.raw`let été, _, $1, ᚠa·b, 𠮷野, 𝒳1, \u{61}b, \u00e0té, x\u200cy; été in 𠮷野`],
  ["a name at the end", "x"],
  ["acorn itself", whole],
])("%s: read as with the whole of it", (_what, text) => {
  expect(plain(parse(text, options))).toBe(plain(acorn.parse(text, options)));
});

test.each([
  ["const x = /[/;", "Unterminated regular expression"],
  ["const a·b = 1, ·c = 2;", "Unexpected character '·'"],
  ["3été", "Identifier directly after number"],
])("%s is still refused", (text, message) => {
  expect(() => parse(text, options)).toThrow(message);
});

test("of it a quarter is gone", () => {
  expect(less.length / whole.length).toBeLessThan(0.75);
});

test("an acorn that is written in another way is no reason to ship it whole unnoticed", () => {
  expect(() => withoutThem(readFileSync(shipped("package.json"), "utf8"))).toThrow("acorn.mjs: expected a line");
});
