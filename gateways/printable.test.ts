import { expect, test } from "vitest";
import { clipped, printable } from "./printable.ts";
import { NASTY, UNPRINTABLE } from "./fixtures/nasty.ts";

test.each(NASTY)("%s does nothing to a terminal, a log or a page", (_, text) => {
  const shown = printable(text);
  expect(shown).not.toMatch(UNPRINTABLE);
  expect(shown).toContain("before");
  expect(shown).toContain("after");
  expect(printable(shown)).toBe(shown);
});

const isEscaped = (char: string) => /^(\\u[0-9a-f]{4}|\\[nrt])+$/.test(printable(char));

test("every character that does something or is not seen is escaped, and of the others only fillers and the like", () => {
  const chars = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
  expect(chars.filter((char) => UNPRINTABLE.test(char) && !isEscaped(char))).toEqual([]);
  expect(
    chars.filter(
      (char) => printable(char) !== char && !/\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}|\p{Mn}|\p{Lo}|\p{Cn}/u.test(char),
    ),
  ).toEqual([]);
});

test("what people write stays as it is", () => {
  for (const text of ["Größe 7 € – „ja“", "日本語", "हिन्दी", "שלום", "ok ⚠️ 👍", 'a\\b "c" <d>', ""])
    expect(printable(text)).toBe(text);
});

test("colours of a server are dropped, our own stay where we print", () => {
  const text = "\u001b[1;31mred\u001b[0m \u001b[8mhidden\u001b[0m";
  expect(printable(text)).toBe("red hidden");
  expect(printable("\u001b[31mred\u001b[39m \u001b[8mhidden\u001b[28m \u001b[2J", { colours: true })).toBe(
    "\u001b[31mred\u001b[39m hidden \\u001b[2J",
  );
});

test("a sequence that is put together from others is not one", () => {
  expect(printable("\u001b\u001b[0m[2J")).toBe("\\u001b[2J");
});

test("line breaks and tabs stay where several lines are shown; a lone carriage return never does", () => {
  expect(printable("a\r\nb\tc\rd", { lines: true })).toBe("a\nb\tc\\rd");
  expect(printable("a\nb\tc")).toBe("a\\nb\\tc");
});

test("JSON that was printed is the same JSON", () => {
  const value = { "\u202e key": "\u009b31m \u{e0041} \u2028 \u200b", list: ["\u007f"] };
  for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)])
    expect(JSON.parse(printable(text, { lines: true, limit: Infinity }))).toEqual(value);
});

test("a text is cut to its limit, and says how much is missing", () => {
  const shown = printable("x".repeat(5_000), { limit: 100 });
  expect(shown).toHaveLength(100);
  expect(shown).toMatch(/^x+… \(\d+ more characters\)$/);
  expect(Number(/\d+/.exec(shown)![0]) + shown.indexOf("…")).toBe(5_000);
  expect(printable(shown, { limit: 100 })).toBe(shown);
  expect(clipped("😀".repeat(100), 61)).not.toMatch(/\p{Cs}/u);
});

test("a text of many megabytes is not read to its end", () => {
  const began = process.cpuUsage().user;
  printable("\u001b".repeat(64 * 1024 * 1024));
  expect(process.cpuUsage().user - began).toBeLessThan(1_000_000);
});

test.each([
  [undefined, "undefined"],
  [null, "null"],
  [7, "7"],
  [["a\u0000"], "a\\u0000"],
])("values other than strings are shown as text: %j", (value, shown) => {
  expect(printable(value)).toBe(shown);
});
