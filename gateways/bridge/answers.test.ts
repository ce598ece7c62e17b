import { expect, test } from "vitest";
import { ErrorAnswer, meantFor, resultOf } from "./answers.ts";

test.for([
  ["without a version", '{"id":7,"result":{}}'],
  ["with another version", '{"jsonrpc":"1.0","id":7,"result":{}}'],
  ["with the id as a string", '{"jsonrpc":"1.0","id":"7","result":{}}'],
  ["with a key that is nearly the id", '{"jsonrpc":"2.0","ID":1,"id":7,"result":{}}'],
  ["with words behind it", '{"jsonrpc":"2.0","id":7,"result":{}} done'],
  ["with another message behind it", '{"jsonrpc":"2.0","id":7,"result":{}}{"jsonrpc":"2.0","method":"n"}'],
  ["behind another message", '{"jsonrpc":"2.0","method":"n"} {"jsonrpc":"2.0","id":7,"result":{}}'],
  ["that breaks off", '{"jsonrpc":"2.0","id":7,"result":{'],
  ["with a line of a log in it", '{"jsonrpc":"2.0", called a "id": 7, "result":{}}'],
  ["that is an error without a version", '{"id":7,"error":{"code":1,"message":"no"}}'],
] as const)("an answer %s was meant for its call", ([, text]) => {
  expect(meantFor(text)).toBe(7);
});

test.for([
  ["quotes a request", '{"level":"debug","request":{"jsonrpc":"2.0","id":7,"method":"tools/call"}}'],
  ["quotes an answer as text", '{"msg":"sent {\\"jsonrpc\\":\\"2.0\\",\\"id\\":7,\\"result\\":{}}"}'],
  ["quotes a request, and breaks off", '{"level":"debug","request":{"jsonrpc":"2.0","id":7,'],
  ["has a number of its own", '{"level":"info","id":7,"msg":"called"}'],
  ["is no object", "7"],
  ["is empty", ""],
] as const)("a line of a log that %s answers nothing", ([, text]) => {
  expect(meantFor(text)).toBeNaN();
});

test("an error that is only a text is told as it is", () => {
  expect(() => resultOf('{"id":1,"error":"not today"}', "initialize")).toThrow(ErrorAnswer);
  expect(() => resultOf('{"id":1,"error":"not today"}', "initialize")).toThrow("initialize: not today");
});
