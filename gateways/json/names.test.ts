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

test("every character that Unicode folds onto an ASCII letter folds here too", () => {
  for (let code = 0x80; code < 0x1_0000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const char = String.fromCharCode(code);
    const letter = "abcdefghijklmnopqrstuvwxyz".split("").find((one) => new RegExp(`^${one}$`, "iu").test(char));
    if (letter !== undefined) expect(folded(char), code.toString(16)).toBe(letter);
  }
});

test("the keys of one object are looked at, and a known one may come once", () => {
  expect(names.flawIn('{"uri":1,"x":2,"x":3,"_meta":{"URI":1}}', 0)).toBeUndefined();
  expect(names.flawIn('{"uri":1,"u\\u0072i":2}', 0)).toBe('the key "uri" comes twice');
  expect(names.flawIn('{"x":1,"URI":2}', 0)).toBe('the key "URI" could be read as "uri"');
  expect(names.flawIn("[1]", 0)).toBeUndefined();
});
