/** A legacy client's call that comes back for more, without a server and without a client. */
import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { deferred } from "../../../deferred.ts";
import { GatewayError } from "../../../errors.ts";
import { bytes } from "../../../fixtures/modern-caller.ts";
import { MAX_WAIT } from "../../../fixtures/max-wait.ts";
import { readMessage, type Message } from "../../../jsonrpc.ts";
import { InputRounds, type InputRoundsParts } from "./input-rounds.ts";

type Ask = InputRoundsParts["ask"];

const CALL = '{"jsonrpc":"2.0","id":"mine","method":"tools/call","params":{"name":"a","big":9007199254740993}}';
const ELICIT = { who: { method: "elicitation/create", params: { message: "Who?" } } };

/** A call, what the server has been sent of it, and what its caller was told. */
function rounds(ask: Ask = () => Promise.resolve('{"action":"accept"}')) {
  const sent: Message[] = [];
  const answers: string[] = [];
  const messages: string[] = [];
  const errors: GatewayError[] = [];
  const settledWith: (string | undefined)[] = [];
  const caller = {
    answer: (text: string) => void answers.push(text),
    message: (text: string) => void messages.push(text),
    fail: (error: GatewayError) => void errors.push(error),
  };
  const own = new InputRounds(readMessage(CALL) as Message, caller, {
    service: "test",
    send: (request) => void sent.push(request),
    ask,
    settled: (answer) => void settledWith.push(answer),
  });
  own.start();
  const server = (result: string) => own.answer(`{"jsonrpc":"2.0","id":"mine","result":${result}}`);
  const require = async (inputRequests: unknown, requestState?: string) => {
    const state = requestState === undefined ? "" : `,"requestState":${requestState}`;
    server(`{"resultType":"input_required","inputRequests":${bytes(inputRequests)}${state}}`);
    await turn();
  };
  const paramsOf = (round: number) => {
    const { text } = sent[round]!;
    return (JSON.parse(Buffer.from(text, "latin1").toString()) as { params: object }).params;
  };
  return {
    own,
    sent,
    answers,
    messages,
    errors,
    server,
    require,
    paramsOf,
    settledWith,
    settled: () => settledWith.length,
  };
}

test("a call that needs no input is answered as it is", () => {
  const { answers, server, sent, settled } = rounds();
  server('{"resultType":"complete","content":[]}');
  expect(answers).toEqual(['{"jsonrpc":"2.0","id":"mine","result":{"resultType":"complete","content":[]}}']);
  expect([sent.length, settled()]).toEqual([1, 1]);
});

test("an error, and a result without a type, end the call", () => {
  for (const body of ['"error":{"code":1,"message":"input_required"}', '"result":{}', '"result":null']) {
    const { own, answers } = rounds();
    own.answer(`{"jsonrpc":"2.0","id":"mine",${body}}`);
    expect(answers).toEqual([`{"jsonrpc":"2.0","id":"mine",${body}}`]);
  }
});

test("the call is sent again with the client's answers under the server's keys, and with the server's state unchanged", async () => {
  const { require, sent, paramsOf } = rounds((method) => Promise.resolve(`{"asked":"${method}","n":9007199254740993}`));
  const state = '"\\u20ac \\/ 1.0"';
  await require({ ...ELICIT, 'odd "key" \u20ac': { method: "roots/list" } }, state);
  expect(paramsOf(1)).toEqual({
    name: "a",
    big: 9007199254740992,
    inputResponses: {
      who: { asked: "elicitation/create", n: 9007199254740992 },
      'odd "key" \u20ac': { asked: "roots/list", n: 9007199254740992 },
    },
    requestState: "\u20ac / 1.0",
  });
  expect(sent[1]!.text).toContain(`"requestState":${state}`);
  expect(sent[1]!.text.match(/9007199254740993/g)).toHaveLength(3);
  expect(sent[1]!.id).toBe('"mine"');
});

test("no state is sent back when there was none", async () => {
  const { require, paramsOf } = rounds();
  await require(ELICIT);
  expect(paramsOf(1)).toEqual({
    name: "a",
    big: expect.any(Number) as number,
    inputResponses: { who: { action: "accept" } },
  });
});

test.each(['"requestState":"on"', '"requestState":"on","inputRequests":{}'])(
  "a server that requires no input but has more to do, %s, is called again after a while",
  async (more) => {
    const { server, sent, paramsOf, answers } = rounds();
    const began = performance.now();
    server(`{"resultType":"input_required",${more}}`);
    await vi.waitFor(() => expect(sent).toHaveLength(2), MAX_WAIT);
    expect(performance.now() - began).toBeGreaterThan(45); // a pause of 50 ms, as a timer counts them
    expect(paramsOf(1)).toMatchObject({ inputResponses: {}, requestState: "on" });
    server('{"done":true}');
    expect(answers).toHaveLength(1);
  },
);

test("a server that requires no input and reports no state ends the call with an error", async () => {
  const { server, errors, sent } = rounds();
  server('{"resultType":"input_required"}');
  await turn();
  expect([errors.map(({ name }) => name), sent.length]).toEqual([["bad-answer"], 1]);
});

test("`settled` is called with the answer, if there was one", async () => {
  const [answered, failed] = [rounds(), rounds()];
  answered.server('{"n":1}');
  failed.own.fail(new GatewayError("cancelled"));
  expect([answered.settledWith, failed.settledWith]).toEqual([answered.answers, [undefined]]);
});

test("each round carries only the newest state", async () => {
  const { require, paramsOf, sent } = rounds();
  await require(ELICIT, '"first"');
  await require(ELICIT);
  expect(paramsOf(1)).toHaveProperty("requestState", "first");
  expect(paramsOf(2)).not.toHaveProperty("requestState");
  expect(sent).toHaveLength(3);
});

test("all input requests of a round are sent to the client at once", async () => {
  const asked: unknown[] = [];
  const { require, sent } = rounds((method, params) => {
    asked.push([method, params]);
    return new Promise(() => {});
  });
  await require({ ...ELICIT, more: { method: "roots/list" } });
  expect(asked).toEqual([
    ["elicitation/create", '{"message":"Who?"}'],
    ["roots/list", "{}"],
  ]);
  expect(sent).toHaveLength(1);
});

test("an input request under a key outside ASCII is sent with its own parameters", async () => {
  const asked: string[] = [];
  const { require, paramsOf } = rounds(async (_, params) => {
    asked.push(params);
    return "{}";
  });
  await require({ "wer?\u20ac": { method: "elicitation/create", params: { message: "\u00e4" } } }, '"on"');
  expect(asked).toEqual([bytes({ message: "\u00e4" })]);
  expect(paramsOf(1)).toMatchObject({ inputResponses: { "wer?\u20ac": {} } });
});

test("a call takes at most 20 rounds", async () => {
  const { require, sent, errors, settled } = rounds();
  for (let round = 0; round < 21; round++) await require(ELICIT, `"${round}"`);
  expect(sent).toHaveLength(21);
  expect(errors.map(({ name }) => name)).toEqual(["too-many-input-rounds"]);
  await require(ELICIT);
  expect([sent.length, errors.length, settled()]).toEqual([21, 1, 1]);
});

test("an input request that fails ends the call with its reason, and withdraws the others", async () => {
  const signals: AbortSignal[] = [];
  const { require, errors, sent, settled } = rounds((method, _, signal) => {
    signals.push(signal);
    if (method === "roots/list")
      return Promise.reject(new GatewayError("client-request-refused", { method, reason: "no" }));
    return new Promise(() => {});
  });
  await require({ ...ELICIT, more: { method: "roots/list" } });
  expect(errors.map(({ name }) => name)).toEqual(["client-request-refused"]);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  expect([sent.length, settled()]).toEqual([1, 1]);
});

test("a call that is over is told nothing more", async () => {
  const { promise, resolve } = deferred<string>();
  const { own, require, server, answers, messages, errors, sent, settled } = rounds(() => promise);
  own.message("progress");
  await require(ELICIT);
  own.fail(new GatewayError("cancelled"));
  resolve("{}");
  await turn();
  own.message("late");
  server("{}");
  own.fail(new GatewayError("internal"));
  expect([answers, messages, sent.length, settled()]).toEqual([[], ["progress"], 1, 1]);
  expect(errors.map(({ name }) => name)).toEqual(["cancelled"]);
});

test.each([
  ["null", /bad-answer/],
  ['{"a":null}', /client-request-refused/],
  ['{"a":5}', /client-request-refused/],
  ['{"a":\\}', /bad-answer|internal/],
])("a server that asks nonsense, %s, ends the call with an error", async (inputRequests, name) => {
  const { server, errors, sent, settled } = rounds(() => Promise.reject(new GatewayError("client-request-refused")));
  server(`{"resultType":"input_required","inputRequests":${inputRequests}}`);
  await turn();
  expect([errors[0]?.name, sent.length, settled()]).toEqual([expect.stringMatching(name), 1, 1]);
});
