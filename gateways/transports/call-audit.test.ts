import { expect, test } from "vitest";
import { GatewayError, type ErrorName } from "../errors.ts";
import { readMessage, type Message } from "../jsonrpc.ts";
import { LastHour } from "../last-hour.ts";
import { createLog } from "../log.ts";
import { CallAudit } from "./call-audit.ts";

const CLIENT = { principal: { id: "token-1" }, session: "abcdefghij" };

function watch(isSearched = false) {
  let text = "";
  const log = createLog("info", (lines) => void (text += lines));
  const audit = new CallAudit({ service: "memory", lastHour: new LastHour(), isSearched }, log);
  const begin = (params: string) =>
    audit.begin(readMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`) as Message, CLIENT)!;
  const lines = async () => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  return { begin, lines };
}

const result = (members: string) => `{"jsonrpc":"2.0","id":1,"result":{${members}}}`;

test.each([
  ['{"name":"echo"}', "echo"],
  ['{"arguments":{"name":"inner"},"name":"echo"}', "echo"],
  ['{ "name" : "echo" }', "echo"],
  ['{"_meta":{"name":"x"},"name":"echo","arguments":{}}', "echo"],
  ['{"name":"a\\"b"}', 'a"b'],
  ['{"name":"a\\"c"}', 'a"c'],
  ['{"name":"\\u0065cho"}', "echo"],
  ['{"name":"\\u001b[2J\\u202e"}', "\\u001b[2J\\u202e"],
  [`{"name":"${Buffer.from("größe").toString("latin1")}"}`, "größe"],
  ['{"name":7}', ""],
  ["{}", ""],
])("the tool of %s is %j", async (params, tool) => {
  const { begin, lines } = watch();
  for (let time = 0; time < 2; time++) begin(params).answered(result('"content":[]'));
  expect((await lines()).map((line) => line["tool"])).toEqual([tool, tool]);
});

test.each([
  ['{"name":"call_tool","arguments":{"name":"echo","arguments":{"name":"x"}}}', "echo"],
  ['{"arguments":{"arguments":{},"name":"\\u0065cho"},"name":"call_\\u0074ool"}', "echo"],
  ['{"name":"call_tool","arguments":{"name":"call_tool"}}', "call_tool"],
  ['{"name":"call_tool","arguments":{"name":7}}', "call_tool"],
  ['{"name":"call_tool"}', "call_tool"],
  ['{"name":"find_tools","arguments":{"name":"echo"}}', "find_tools"],
])("where tools are found by a search, the tool of %s is %j", async (params, tool) => {
  const { begin, lines } = watch(true);
  for (let time = 0; time < 2; time++) begin(params).answered(result('"content":[]'));
  expect((await lines()).map((line) => line["tool"])).toEqual([tool, tool]);
});

test("names that begin alike are told apart", async () => {
  const { begin, lines } = watch();
  for (const params of ['{"name":"a\\"b"}', '{"name":"a\\"c"}', '{"name":"a"}']) begin(params).answered(result(""));
  expect((await lines()).map((line) => line["tool"])).toEqual(['a"b', 'a"c', "a"]);
});

test.each([
  ['"content":[]', "ok", undefined],
  ['"content":[],"isError":true', "error", "tool_error"],
  ['"isError" : true,"content":[]', "error", "tool_error"],
  ['"content":[],"isError": false', "ok", undefined],
  ['"content":[{"type":"text","text":"\\"isError\\":true"}]', "ok", undefined],
  ['"structuredContent":{"isError":true}', "ok", undefined],
  ['"structuredContent":{"isError":false},"isError":true', "error", "tool_error"],
])("a result with %s is %s", async (members, outcome, reason) => {
  const { begin, lines } = watch();
  const answer = result(members);
  begin('{"name":"echo"}').answered(answer, readMessage(answer));
  begin('{"name":"echo"}').answered(answer);
  for (const line of await lines()) expect([line["outcome"], line["reason"]]).toEqual([outcome, reason]);
});

test.each<[ErrorName, string]>([
  ["rate-limited", "refused"],
  ["child-start-failed", "refused"],
  ["too-many-calls", "refused"],
  ["cancelled", "cancelled"],
  ["request-timeout", "timeout"],
  ["child-died", "lost"],
  ["forward-broke", "lost"],
  ["upstream-broke", "lost"],
  ["upstream-unreachable", "refused"],
])("the error %s is %s", async (name, outcome) => {
  const { begin, lines } = watch();
  begin('{"name":"echo"}').failed(new GatewayError(name));
  expect(await lines()).toMatchObject([{ outcome, reason: name, principal: "token-1", session: "abcdef" }]);
});

test("only the first end of a call counts", async () => {
  const { begin, lines } = watch();
  const call = begin('{"name":"echo"}');
  call.failed(new GatewayError("cancelled"));
  call.answered(result(""));
  call.failed(new GatewayError("child-died"));
  expect(await lines()).toHaveLength(1);
});
