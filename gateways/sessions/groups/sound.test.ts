import { expect, test } from "vitest";
import { isSound, withoutHalves } from "./sound.ts";

test.each([
  ["{}", true],
  ['{"a":[1,"x"]}', true],
  ['{"a":{bad}}', false],
  [String.raw`"\q"`, false],
  ["[] []", false],
  [Buffer.from('"ü"').toString("latin1"), true],
  ['"\xfc"', false],
  [`${"[".repeat(64)}${"]".repeat(64)}`, true],
  [`${"[".repeat(65)}${"]".repeat(65)}`, false],
])("%s is sound: %s", (text, expected) => expect(isSound(text)).toBe(expected));

test.each([
  [String.raw`"\ud83d\ude00"`, String.raw`"\ud83d\ude00"`],
  [String.raw`"\uD83D"`, String.raw`"\ufffd"`],
  [String.raw`"\ude00\ud83d"`, String.raw`"\ufffd\ufffd"`],
  [String.raw`"\ud83d\ud83d\ude00\n"`, String.raw`"\ufffd\ud83d\ude00\n"`],
  [String.raw`"\\ud83d \\\ud83d"`, String.raw`"\\ud83d \\\ufffd"`],
  [String.raw`"a\u00e4"`, String.raw`"a\u00e4"`],
])("half characters in %s are replaced", (text, expected) => expect(withoutHalves(text)).toBe(expected));
