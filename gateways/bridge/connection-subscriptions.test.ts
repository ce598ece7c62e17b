/** One connection to a modern server, on which a request may be answered by news for ever; without a process. */
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

/** A connection, what it sent, what its server says next, and what is nobody's. */
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

/** A caller of a request, and what it is told. */
function calls(connection: Connection, method: string, id: string) {
  const heard: string[] = [];
  const answers: string[] = [];
  const errors: GatewayError[] = [];
  const caller: Caller = {
    answer: (text) => void answers.push(text),
    message: (text) => void heard.push(text),
    fail: (error) => void errors.push(error),
  };
  connection.call(readMessage(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":{}}`) as Message, caller);
  return { heard, answers, errors, caller };
}

const news = (id: unknown, method = "notifications/tools/list_changed") =>
  JSON.stringify({ jsonrpc: "2.0", method, params: { _meta: { [SUBSCRIPTION]: id }, uri: "a:" } });

const LISTEN = "subscriptions/listen";

test.each(["7", '"7"', "9007199254740993", '"\\u20ac"'])("news carry the id %s as their listener wrote it", (id) => {
  const { connection, sent, server, unclaimed } = connected(true);
  const { heard } = calls(connection, LISTEN, id);
  server.message(news(sent[0]!.id));
  expect(heard).toEqual([news("$").replace('"$"', id)]);
  expect(unclaimed).toEqual([]);
});

test("two listeners with one id get each their own", () => {
  const { connection, sent, server } = connected(true);
  const [first, second] = [calls(connection, LISTEN, "1"), calls(connection, LISTEN, "1")];
  server.message(news(sent[1]!.id, "notifications/second"));
  server.message(news(sent[0]!.id, "notifications/first"));
  expect(first.heard).toEqual([news(1, "notifications/first")]);
  expect(second.heard).toEqual([news(1, "notifications/second")]);
});

test("news for nobody who listens are nobody's: other calls, other numbers, other types", () => {
  const { connection, sent, server, unclaimed } = connected(true);
  const [listener, other] = [calls(connection, LISTEN, "1"), calls(connection, "tools/call", "2")];
  for (const id of [sent[1]!.id, sent[0]!.id + 5, String(sent[0]!.id), null, undefined]) server.message(news(id));
  expect([...listener.heard, ...other.heard]).toEqual([]);
  expect(unclaimed).toHaveLength(5);
});

test("a listener waits for ever, another call does not", async () => {
  const { connection } = connected(true);
  const [listener, other] = [calls(connection, LISTEN, "1"), calls(connection, "tools/call", "2")];
  await vi.advanceTimersByTimeAsync(100 * TIMEOUT);
  expect(listener.errors).toEqual([]);
  expect(other.errors[0]?.name).toBe("request-timeout");
});

test("a legacy server's call of that name is a call like others", async () => {
  const { connection, sent, server, unclaimed } = connected(false);
  const { heard, errors } = calls(connection, LISTEN, "1");
  server.message(news(sent[0]!.id));
  await vi.advanceTimersByTimeAsync(TIMEOUT);
  expect([heard, unclaimed.length, errors[0]?.name]).toEqual([[], 1, "request-timeout"]);
});

test("the result that ends the news carries the listener's id in both places", () => {
  const { connection, sent, server } = connected(true);
  const { answers } = calls(connection, LISTEN, '"mine"');
  server.message(endOfSubscription(sent[0]!.id));
  expect(answers).toEqual([endOfSubscription('"mine"')]);
  expect(JSON.parse(answers[0]!)).toMatchObject({ id: "mine", result: { _meta: { [SUBSCRIPTION]: "mine" } } });
});

test("a result of the news without the id, and an error, pass as they are", () => {
  for (const body of ['"result":{}', '"error":{"code":-32603,"message":"no"}']) {
    const { connection, sent, server } = connected(true);
    const { answers } = calls(connection, LISTEN, '"mine"');
    server.message(`{"jsonrpc":"2.0","id":${sent[0]!.id},${body}}`);
    expect(answers).toEqual([`{"jsonrpc":"2.0","id":"mine",${body}}`]);
  }
});

test("a server that takes a subscription back ends it in good order, and says no more on it", () => {
  const { connection, sent, server, unclaimed } = connected(true);
  const { answers, heard } = calls(connection, LISTEN, "7");
  const { id } = sent[0]!;
  server.message(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`);
  server.message(news(id));
  server.message(endOfSubscription(id));
  expect([answers, heard, unclaimed.length]).toEqual([[endOfSubscription(7)], [], 1]);
});

test("a server cannot take back a call that does not listen", () => {
  const { connection, sent, server, unclaimed } = connected(true);
  const { answers, errors } = calls(connection, "tools/call", "7");
  server.message(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${sent[0]!.id}}}`);
  expect([answers, errors, unclaimed]).toEqual([[], [], ["notifications/cancelled"]]);
});

test("a listener that leaves is taken back at the server, once, and hears no more", () => {
  const { connection, sent, server } = connected(true);
  const { caller, heard } = calls(connection, LISTEN, "7");
  const gone = { name: "cancelled", message: "gone" } as GatewayError;
  expect(connection.cancel(caller, gone)).toBe(true);
  expect(connection.cancel(caller, gone)).toBe(false);
  server.message(news(sent[0]!.id));
  expect(heard).toEqual([]);
  expect(sent.slice(1)).toMatchObject([{ method: "notifications/cancelled", params: { requestId: sent[0]!.id } }]);
});
