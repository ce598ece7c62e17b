/** How jsonrpc.ts finds values in a message, cuts them out, and writes messages of its own. */
import { expect, test } from "vitest";
import {
  answer,
  decode,
  elements,
  encode,
  errorAnswer,
  find,
  notification,
  readMessage,
  replace,
  request,
  type Message,
} from "./jsonrpc.ts";

/** Text in the gateway's form: one character a byte. */
const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");

const read = (text: string) => readMessage(text) as Message;

test("a value deep in a message is found, replaced and decoded", () => {
  const { text, params } = read(bytes('{"jsonrpc":"2.0","method":"m","params":{"x":{"_meta":1},"_meta":{"t":"ä"}}}'));
  const span = find(text, params, "_meta", "t");
  expect(decode(text, span!)).toBe("ä");
  const replaced = '{"jsonrpc":"2.0","method":"m","params":{"x":{"_meta":1},"_meta":{"t":17}}}';
  expect(replace(text, span!, "17")).toBe(replaced);
});

test("a path that leads nowhere finds nothing", () => {
  const text = '{"a":{"b":1},"c":[{"b":2}],"d":"{\\"b\\":3}"}';
  for (const path of [["b"], ["a", "c"], ["a", "b", "c"], ["c", "b"], ["d", "b"]]) {
    expect(find(text, 0, ...path)).toBeUndefined();
  }
  expect(find(text, -1, "a")).toBeUndefined();
});

test("an array is split into the texts of its elements", () => {
  expect(elements(' [ {"a":[1,2]} , "x,]" ,1e3,null, [] ] ')).toEqual(['{"a":[1,2]}', '"x,]"', "1e3", "null", "[]"]);
  expect(elements("[1,[2],{}]")).toEqual(["1", "[2]", "{}"]);
  expect([elements("[]"), elements(" [ ] ")]).toEqual([[], []]);
});

test("text that the gateway encodes is ASCII and means the same", () => {
  const value = { text: "é ☃ 😀 \u007f \u2028 \n", list: [1, null] };
  const text = encode(value);
  expect(text).toMatch(/^[ -~]*$/);
  expect(JSON.parse(text)).toEqual(value);
  expect(decode(text, { start: 0, end: text.length })).toEqual(value);
});

test("messages that the gateway writes are read back correctly", () => {
  expect(read(request(1, "ping", {}))).toMatchObject({ kind: "request", id: "1", method: "ping" });
  expect(read(request(1, "a", { b: "é" })).text).toBe('{"jsonrpc":"2.0","id":1,"method":"a","params":{"b":"\\u00e9"}}');
  expect(notification("n")).toBe('{"jsonrpc":"2.0","method":"n"}');
  expect(read(notification("n", { a: 1 }))).toMatchObject({ kind: "notification", method: "n" });
  expect(answer('"x"', { ok: true })).toBe('{"jsonrpc":"2.0","id":"x","result":{"ok":true}}');
  expect(errorAnswer(undefined, -1, "m")).toBe('{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"m"}}');
  expect(JSON.parse(errorAnswer("7", -2, "m", { a: 1 })).error).toEqual({ code: -2, message: "m", data: { a: 1 } });
});
