/** Subscriptions on one connection to a modern server, without a process. */
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { GatewayError } from "../errors.ts";
import { readMessage, type Message } from "../jsonrpc.ts";
import type { LinkEvents } from "./link.ts";
import { endOfSubscription } from "./answers.ts";
import { Connection, type Caller } from "./connection.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TIMEOUT = 1_000;
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

/** A connection, what it sent, how to make its server speak, and the notifications that no call claimed. */
function connected(modern: boolean) {
  const sent: { id: number; method: string; params: Record<string, unknown> }[] = [];
  const unclaimed: string[] = [];
  let server!: LinkEvents;
  const open = (events: LinkEvents) => {
    server = events;
    return { label: "test", send: (text: string) => void sent.push(JSON.parse(text) as never), close: async () => {} };
  };
  const events = {
    notification: ({ method }: Message) => void unclaimed.push(method),
    request: () => {},
    closed: () => {},
  };
  const connection = new Connection(
    open,
    { service: "test", requestTimeout: TIMEOUT, modern },
    events,
    pino({ enabled: false }),
  );
  return { connection, sent, unclaimed, server };
}

/** Sends a request, and records what its caller gets. */
function calls(connection: Connection, method: string, id: string) {
  const messages: string[] = [];
  const answers: string[] = [];
  const errors: GatewayError[] = [];
  const caller: Caller = {
    answer: (text) => void answers.push(text),
    message: (text) => void messages.push(text),
    fail: (error) => void errors.push(error),
  };
  connection.call(readMessage(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":{}}`) as Message, caller);
  return { messages, answers, errors, caller };
}

const changed = (id: unknown, method = "notifications/tools/list_changed") =>
  JSON.stringify({ jsonrpc: "2.0", method, params: { _meta: { [SUBSCRIPTION]: id }, uri: "a:" } });

const LISTEN = "subscriptions/listen";

test.each(["7", '"7"', "9007199254740993", '"\\u20ac"'])(
  "change notifications carry the id %s as the subscriber wrote it",
  (id) => {
    const { connection, sent, server, unclaimed } = connected(true);
    const { messages } = calls(connection, LISTEN, id);
    server.message(changed(sent[0]!.id));
    expect(messages).toEqual([changed("$").replace('"$"', id)]);
    expect(unclaimed).toEqual([]);
  },
);

test("a change notification may carry the subscription's id as a string", () => {
  const { connection, sent, server } = connected(true);
  const { messages } = calls(connection, LISTEN, "7");
  server.message(changed(String(sent[0]!.id)));
  expect(messages).toEqual([changed(7)]);
});

test("two subscribers that chose the same id each get their own notifications", () => {
  const { connection, sent, server } = connected(true);
  const [first, second] = [calls(connection, LISTEN, "1"), calls(connection, LISTEN, "1")];
  server.message(changed(sent[1]!.id, "notifications/second"));
  server.message(changed(sent[0]!.id, "notifications/first"));
  expect(first.messages).toEqual([changed(1, "notifications/first")]);
  expect(second.messages).toEqual([changed(1, "notifications/second")]);
});

test("a change notification whose id is not that of a subscription reaches no caller", () => {
  const { connection, sent, server, unclaimed } = connected(true);
  const [subscriber, other] = [calls(connection, LISTEN, "1"), calls(connection, "tools/call", "2")];
  for (const id of [sent[1]!.id, sent[0]!.id + 5, `x${sent[0]!.id}`, null, undefined]) server.message(changed(id));
  expect([...subscriber.messages, ...other.messages]).toEqual([]);
  expect(unclaimed).toHaveLength(5);
});

test("a subscription never times out, another call does", async () => {
  const { connection } = connected(true);
  const [subscriber, other] = [calls(connection, LISTEN, "1"), calls(connection, "tools/call", "2")];
  await vi.advanceTimersByTimeAsync(100 * TIMEOUT);
  expect(subscriber.errors).toEqual([]);
  expect(other.errors[0]?.name).toBe("request-timeout");
});

test("on a legacy server subscriptions/listen is a call like any other", async () => {
  const { connection, sent, server, unclaimed } = connected(false);
  const { messages, errors } = calls(connection, LISTEN, "1");
  server.message(changed(sent[0]!.id));
  await vi.advanceTimersByTimeAsync(TIMEOUT);
  expect([messages, unclaimed.length, errors[0]?.name]).toEqual([[], 1, "request-timeout"]);
});

test("the result that ends a subscription carries the subscriber's id in both places", () => {
  const { connection, sent, server } = connected(true);
  const { answers } = calls(connection, LISTEN, '"mine"');
  server.message(endOfSubscription(sent[0]!.id));
  expect(answers).toEqual([endOfSubscription('"mine"')]);
  expect(JSON.parse(answers[0]!)).toMatchObject({ id: "mine", result: { _meta: { [SUBSCRIPTION]: "mine" } } });
});

test("a result without the subscription's id, and an error, pass unchanged", () => {
  for (const body of ['"result":{}', '"error":{"code":-32603,"message":"no"}']) {
    const { connection, sent, server } = connected(true);
    const { answers } = calls(connection, LISTEN, '"mine"');
    server.message(`{"jsonrpc":"2.0","id":${sent[0]!.id},${body}}`);
    expect(answers).toEqual([`{"jsonrpc":"2.0","id":"mine",${body}}`]);
  }
});

test("a server that cancels a subscription ends it gracefully, and nothing more arrives on it", () => {
  const { connection, sent, server, unclaimed } = connected(true);
  const { answers, messages } = calls(connection, LISTEN, "7");
  const { id } = sent[0]!;
  server.message(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`);
  server.message(changed(id));
  server.message(endOfSubscription(id));
  expect([answers, messages, unclaimed.length]).toEqual([[endOfSubscription(7)], [], 1]);
});

test("a server cannot cancel a call that is not a subscription", () => {
  const { connection, sent, server, unclaimed } = connected(true);
  const { answers, errors } = calls(connection, "tools/call", "7");
  server.message(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${sent[0]!.id}}}`);
  expect([answers, errors, unclaimed]).toEqual([[], [], ["notifications/cancelled"]]);
});

test("a subscription is cancelled at the server once, and then gets nothing more", () => {
  const { connection, sent, server } = connected(true);
  const { caller, messages } = calls(connection, LISTEN, "7");
  const gone = { name: "cancelled", message: "gone" } as GatewayError;
  expect(connection.cancel(caller, gone)).toBe(true);
  expect(connection.cancel(caller, gone)).toBe(false);
  server.message(changed(sent[0]!.id));
  expect(messages).toEqual([]);
  expect(sent.slice(1)).toMatchObject([{ method: "notifications/cancelled", params: { requestId: sent[0]!.id } }]);
});
