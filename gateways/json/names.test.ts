import { expect, test } from "vitest";
import { folded, isSafe, Names } from "./names.ts";

const names = new Names("progressToken uri _meta task");

test.each([
  ["PROGRESSTOKEN", "progressToken"],
  ["progresstoken", "progressToken"],
  ["progre\u017f\u017fToken", "progressToken"],
  ["progressTo\u212aen", "progressToken"],
  ["tas\u212a", "task"],
  ["ur\u0131", "uri"],
  ["ur\u0130", "uri"],
  ["UR\u0130", "uri"],
  ["\uff55\uff52\uff49", "uri"],
  ["u\u200dri", "uri"],
  ["\ufeffuri", "uri"],
  ["u\u00adri", "uri"],
  ["_META", "_meta"],
])("%s could be read as %s", (key, known) => {
  expect(names.confusion(key)).toMatch(new RegExp(`could be read as "${known}"$`));
});

test.each(["", "x", "uris", "ur", "meta", "name", "ürı", "com.example/uri", "uri ", "\u540d"])(
  "%j can be taken for no known name",
  (key) => {
    expect(names.confusion(key)).toBeUndefined();
  },
);

test.each(["a\0", "\u0001", "a\u001f", "\u007f", "\u0085", "\u2028", "\ud800", "a\udc00b"])(
  "%j is not safe as a name",
  (key) => {
    expect(isSafe(key)).toBe(false);
    expect(names.confusion(key)).toMatch(/control character or half a character/);
  },
);

const ALPHABET = "abcdefghijklmnopqrstuvwxyz"
  .split("")
  .map((letter) => [letter, new RegExp(`^${letter}$`, "iu")] as const);

test("every character that Unicode folds onto an ASCII letter folds here too", () => {
  const characters = Array.from({ length: 0x1_0000 - 0x80 }, (_, index) => String.fromCharCode(index + 0x80));
  const folding = characters.flatMap((char) => {
    const letter = ALPHABET.find(([, pattern]) => pattern.test(char))?.[0];
    return letter === undefined ? [] : [[char, letter]];
  });
  expect(folding.length).toBeGreaterThan(1);
  for (const [char, letter] of folding as [string, string][]) expect(folded(char)).toBe(letter);
});

test("the keys of one object are looked at, and a known one may come once", () => {
  expect(names.flawIn('{"uri":1,"x":2,"x":3,"_meta":{"URI":1}}', 0)).toBeUndefined();
  expect(names.flawIn('{"uri":1,"u\\u0072i":2}', 0)).toBe('the key "uri" comes twice');
  expect(names.flawIn('{"x":1,"URI":2}', 0)).toBe('the key "URI" could be read as "uri"');
  expect(names.flawIn("[1]", 0)).toBeUndefined();
});
