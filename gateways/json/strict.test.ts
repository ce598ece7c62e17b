import { randomNumbers } from "../fixtures/random.ts";
import { expect, test } from "vitest";
import { timesAsLong } from "../fixtures/duration.ts";
import { checkJson, MAX_DEPTH } from "./strict.ts";

const check = (text: string) => {
  const bytes = Buffer.from(text);
  return checkJson(bytes, bytes.toString("latin1"), MAX_DEPTH);
};

/** What JSON.parse says. */
function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const PIECES = [
  ...'{ } [ ] , : " \\ - + . e E 0 1 23 456 789 / \u00a0 \ufeff \b \f \v'.split(" "),
  ...'"" "a" "a": null true false nul True NaN Infinity undefined 1e9 1E+400 -0 0.5 .5 5. 01 -1 --1 0x1 1_0'.split(" "),
  ..."\\u0041 \\ud800 \\u00g0 \\x41 \\' \\/ \u2028 \u0000 \u001f \u007f é 😀 // /**/ 'a'".split(" "),
  ...'[[ ]] {{ {"a":{}} [1,2] [,] {,}'.split(" "),
  " ",
  "\t",
  "\n",
  "\r",
  "x".repeat(60),
  "\\n".repeat(30),
];

/** A random value, valid or nearly so. */
function randomText(random: (below: number) => number, depth = 0): string {
  const list = (item: () => string) => Array.from({ length: random(4) }, item).join(random(20) === 0 ? " " : ",");
  const space = () => (random(4) === 0 ? (PIECES[random(PIECES.length)] as string) : "");
  const kind = random(depth > 4 ? 4 : 6);
  if (kind === 4) return `[${space()}${list(() => randomText(random, depth + 1))}]`;
  if (kind === 5) return `{${list(() => `"${random(9)}"${space()}:${randomText(random, depth + 1)}`)}}`;
  if (kind === 3) return `"${Array.from({ length: random(5) }, () => PIECES[random(PIECES.length)]).join("")}"`;
  return PIECES[random(PIECES.length)] as string;
}

test("50,000 texts, valid and nearly so, are JSON here exactly when JSON.parse takes them", () => {
  const random = randomNumbers(20_260_728);
  let valid = 0;
  for (let index = 0; index < 50_000; index++) {
    const text = randomText(random);
    const expected = parses(text);
    if (expected) valid++;
    expect(check(text), JSON.stringify(text)).toBe(expected ? "valid" : "malformed");
  }
  expect(valid).toBeGreaterThan(5_000);
  expect(valid).toBeLessThan(45_000);
});

test("a text that is cut off anywhere is not JSON", () => {
  const text = '[{"a":[1.5e-3,true,false,null,"\\u00e9\\n \\\\",{}],"b":-0}]';
  for (let end = 0; end < text.length; end++) expect(check(text.slice(0, end)), text.slice(0, end)).toBe("malformed");
  expect(check(text)).toBe("valid");
});

test("values may be nested to the limit and no deeper, however they are mixed", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
    ['[1,{"a":', "}]"],
  ] as const) {
    const levels = open.length - open.replaceAll(/[[{]/g, "").length;
    const nested = (times: number) => `${open.repeat(times)}1${close.repeat(times)}`;
    expect(check(nested(MAX_DEPTH / levels))).toBe("valid");
    expect(check(nested(MAX_DEPTH / levels + 1))).toBe("too-deep");
  }
});

const MB = 1024 * 1024;

test.each([
  ["brackets", (size: number) => "[".repeat(size)],
  ["a long string", (size: number) => `"${"x".repeat(size)}"`],
  ["escapes", (size: number) => `"${"\\n".repeat(size / 2)}"`],
  ["numbers", (size: number) => `[${"1,".repeat(size / 2)}1]`],
  ["white space", (size: number) => `${" ".repeat(size)}1`],
  ["digits", (size: number) => "1".repeat(size)],
])("checking %s takes time linear in their number", (_, value) => {
  const checking = (size: number) => {
    const bytes = Buffer.from(value(size));
    const text = bytes.toString("latin1");
    return () => void checkJson(bytes, text, MAX_DEPTH);
  };
  expect(timesAsLong(checking(32 * MB), checking(4 * MB), 24)).toBeLessThan(24);
});
