import { expect, test } from "vitest";
import type { Message } from "../jsonrpc.ts";
import { isSound, readServerMessage } from "./server-message.ts";

const answer = (result: string) => `{"jsonrpc":"2.0","id":1,"result":${result}}`;
const latin1 = (text: string) => Buffer.from(text).toString("latin1");
const nested = (levels: number, inside = "") => "[".repeat(levels) + inside + "]".repeat(levels);

test.each([
  ["{}", true],
  ['{"a":{bad}}', false],
  [nested(500), true],
  [nested(500, "{bad}"), false],
  [`[${nested(500)},bad]`, false],
  [String.raw`"\q"`, false],
])("the answer with %s is JSON: %s", (result, expected) => {
  expect(isSound(readServerMessage(answer(result)) as Message)).toBe(expected);
});

test("invalid UTF-8 is replaced, and the rest stays as it is", () => {
  expect(readServerMessage(answer('"a\xff\xc3"'))?.text).toBe(answer(`"a${latin1("\ufffd\ufffd")}"`));
  expect(readServerMessage(answer(`"${latin1("größe €")}"`))?.text).toBe(answer(`"${latin1("größe €")}"`));
});
