/** Requests to a client on behalf of a modern server, without either. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readMessage, type Message } from "../../../jsonrpc.ts";
import { newRecord } from "../../servers/contract.ts";
import { InputRequests } from "./input-requests.ts";

const INITIALIZE = readMessage('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}') as Message;
const TIMEOUT = 60_000;
const OPTIONS = { service: "test", requestTimeout: TIMEOUT };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A call that requests belong to. Its client reads on its stream, or does not. */
function about(streams = false, signal = new AbortController().signal) {
  const heard: string[] = [];
  const caller = { streams, message: (text: string) => void heard.push(text), answer: () => {}, fail: () => {} };
  return { heard, caller, signal };
}
const NEVER = about();

/** Input requests, and what their client was told. */
function inputRequests() {
  const told: Message[] = [];
  const own = new InputRequests(
    { record: newRecord(INITIALIZE), fromServer: (message) => void told.push(message), principal: { id: "ann" } },
    OPTIONS,
  );
  const answer = (id: string, body: string) =>
    own.answered(readMessage(`{"jsonrpc":"2.0","id":${id},${body}}`) as Message);
  return { own, told, answer };
}

test("an input request gets an id of its own, and resolves with the result as the client wrote it", async () => {
  const { own, told, answer } = inputRequests();
  const asked = own.send("elicitation/create", '{"message":"Wer? \\u00e4","n":9007199254740993}', NEVER);
  expect(told[0]).toMatchObject({ kind: "request", method: "elicitation/create", id: '"server-1"' });
  expect(told[0]!.text).toContain('"params":{"message":"Wer? \\u00e4","n":9007199254740993}');
  const result = '{ "n":9007199254740993, "s":"\\/" }';
  answer('"server-1"', `"result":${result}`);
  expect(await asked).toBe(result);
});

test("each answer reaches its own request, in whatever order they come", async () => {
  const { own, told, answer } = inputRequests();
  const asked = ["roots/list", "sampling/createMessage"].map((method) => own.send(method, "{}", NEVER));
  expect(told.map(({ id }) => id)).toEqual(['"server-1"', '"server-2"']);
  answer('"server-2"', '"result":"second"');
  answer('"server-1"', '"result":"first"');
  expect(await Promise.all(asked)).toEqual(['"first"', '"second"']);
});

test("an error answer rejects with the client's reason", async () => {
  const { own, answer } = inputRequests();
  const asked = own.send("roots/list", "{}", NEVER);
  answer('"server-1"', '"error":{"code":-1,"message":"User rejected \u00c3\u00a4"}');
  await expect(asked).rejects.toThrow(/asked the client for roots\/list, and .* error: User rejected \u00e4/);
  const again = own.send("roots/list", "{}", NEVER);
  answer('"server-2"', '"error":{}');
  await expect(again).rejects.toMatchObject({ name: "client-request-refused" });
});

test.each(["tools/call", "ping", "initialize", "", 'roots/list","params":{},"x":"', "__proto__", "toString"])(
  "a method that a modern server may not request is refused: %j",
  async (method) => {
    const { own, told } = inputRequests();
    await expect(own.send(method, "{}", NEVER)).rejects.toMatchObject({ name: "bad-answer" });
    expect(told).toEqual([]);
  },
);

test("an answer to an unknown request, or a second answer, is ignored", async () => {
  const { own, answer } = inputRequests();
  answer('"server-1"', '"result":"early"');
  const asked = own.send("roots/list", "{}", NEVER);
  for (const id of ["1", '"server-2"', '"SERVER-1"']) answer(id, '"result":"foreign"');
  for (const result of ['"first"', '"again"']) answer('"server-1"', `"result":${result}`);
  expect(await asked).toBe('"first"');
});

test("a request that nobody waits for is withdrawn, once", async () => {
  const { own, told, answer } = inputRequests();
  const over = new AbortController();
  const [asked, answered] = [
    own.send("roots/list", "{}", about(false, over.signal)),
    own.send("roots/list", "{}", about(false, over.signal)),
  ];
  answer('"server-2"', '"result":{}');
  await answered;
  over.abort();
  await expect(asked).rejects.toMatchObject({ name: "cancelled" });
  answer('"server-1"', '"result":{}');
  const withdrawn = told.slice(2).map(({ text }) => JSON.parse(text) as object);
  expect(withdrawn).toEqual([{ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "server-1" } }]);
});

test("1,000 requests may wait for one client, and answered ones do not count", async () => {
  const { own, answer } = inputRequests();
  const waiting = Array.from({ length: 1_000 }, () => own.send("roots/list", "{}", NEVER));
  await expect(own.send("roots/list", "{}", NEVER)).rejects.toMatchObject({
    name: "too-many-client-requests",
  });
  answer('"server-1"', '"result":{}');
  await waiting[0];
  void own.send("roots/list", "{}", NEVER);
  await expect(own.send("roots/list", "{}", NEVER)).rejects.toThrow(/1000 requests to the client wait/);
});

test("a request goes to the call's stream if its client reads there, else to the standalone stream", async () => {
  const { own, told, answer } = inputRequests();
  const [reading, other] = [about(true), about(false)];
  const asked = [own.send("roots/list", "{}", reading), own.send("roots/list", "{}", other)];
  expect(reading.heard.map((text) => readMessage(text)?.id)).toEqual(['"server-1"']);
  expect([other.heard, told.map(({ id }) => id)]).toEqual([[], ['"server-2"']]);
  for (const id of ['"server-1"', '"server-2"']) answer(id, `"result":${id}`);
  expect(await Promise.all(asked)).toEqual(['"server-1"', '"server-2"']);
});

test("a request that is not answered in time is withdrawn, and an answered one is not", async () => {
  const { own, told, answer } = inputRequests();
  const [late, quick] = [own.send("roots/list", "{}", NEVER), own.send("roots/list", "{}", NEVER)];
  answer('"server-2"', '"result":{}');
  await quick;
  const failed = expect(late).rejects.toThrow(/asked the client for roots\/list, and .* not answer within 60 s/);
  vi.advanceTimersByTime(TIMEOUT);
  await failed;
  expect(told.slice(2).map(({ text }) => JSON.parse(text) as object)).toMatchObject([
    { params: { requestId: "server-1" } },
  ]);
  expect(vi.getTimerCount()).toBe(0);
});
