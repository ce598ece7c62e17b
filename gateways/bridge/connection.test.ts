/** One connection and the calls that are open on it, without a process. */
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { GatewayError } from "../errors.ts";
import { readMessage, type Message } from "../jsonrpc.ts";
import type { LinkEvents } from "./link.ts";
import { Connection, type Caller } from "./connection.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TIMEOUT = 1_000;

/** A connection, what it sent, and how to make its server speak. */
function connected() {
  const sent: string[] = [];
  let server!: LinkEvents;
  const open = (events: LinkEvents) => {
    server = events;
    return { label: "test", send: (text: string) => void sent.push(text), close: async () => {} };
  };
  const ignored = { notification: () => {}, request: () => {}, closed: () => {} };
  const connection = new Connection(
    open,
    { service: "test", requestTimeout: TIMEOUT },
    ignored,
    pino({ level: "silent" }),
  );
  return { connection, sent, server };
}

const call = (id: string, params = "{}") =>
  readMessage(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`) as Message;

/** A caller that records what it gets. */
function caller() {
  const recorded = { answers: [] as string[], messages: [] as string[], errors: [] as GatewayError[] };
  const own: Caller = {
    answer: (text) => void recorded.answers.push(text),
    message: (text) => void recorded.messages.push(text),
    fail: (error) => void recorded.errors.push(error),
  };
  return { ...recorded, own };
}

const numberOf = (text: string) => (JSON.parse(text) as { id: number }).id;
const progress = (token: number) =>
  `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":1}}`;

test("a call that keeps reporting progress may exceed the timeout, but not for ever", async () => {
  const { connection, sent, server } = connected();
  const { own, errors, messages } = caller();
  connection.call(call("1", '{"_meta":{"progressToken":"p"}}'), own);
  let lasted = 0;
  for (; errors.length === 0 && lasted < 100 * TIMEOUT; lasted += 100) {
    server.message(progress(numberOf(sent[0]!)));
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(errors[0]?.name).toBe("request-timeout");
  expect(lasted / TIMEOUT).toBeGreaterThan(10);
  expect(lasted / TIMEOUT).toBeLessThan(15);
  expect(messages.length).toBeGreaterThan(100);
  expect(sent.at(-1)).toMatch(/notifications\/cancelled/);
});

test("a silent call is cancelled one timeout after its last progress", async () => {
  const { connection, sent, server } = connected();
  const { own, errors } = caller();
  connection.call(call("1", '{"_meta":{"progressToken":7}}'), own);
  await vi.advanceTimersByTimeAsync(TIMEOUT - 1);
  server.message(progress(numberOf(sent[0]!)));
  await vi.advanceTimersByTimeAsync(TIMEOUT - 1);
  expect(errors).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(errors).toHaveLength(1);
});

test("when a connection ends, an open call fails once and may have run, and a late answer reaches nobody", () => {
  for (const end of [
    ({ connection }: ReturnType<typeof connected>) => void connection.close("the gateway shuts down"),
    ({ server }: ReturnType<typeof connected>) => server.closed({ reason: "exit code 1", lastStderr: "" }),
  ]) {
    const connection = connected();
    const { own, errors, answers } = caller();
    connection.connection.call(call("1"), own);
    end(connection);
    connection.server.message(`{"jsonrpc":"2.0","id":${numberOf(connection.sent[0]!)},"result":{}}`);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/may have run/)]);
    expect(answers).toEqual([]);
  }
});

test("an answer with a number that belongs to no open call reaches nobody", () => {
  const { connection, sent, server } = connected();
  const { own, errors, answers } = caller();
  connection.call(call('"a"'), own);
  const number = numberOf(sent[0]!);
  for (const id of [number ^ 1, 1, 0, -number, number + 0.5, `"x${number}"`, `"${number}.0"`])
    server.message(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
  expect([errors, answers]).toEqual([[], []]);
  server.message(`{"jsonrpc":"2.0","id":${number},"result":{}}`);
  expect(answers).toEqual(['{"jsonrpc":"2.0","id":"a","result":{}}']);
});

test("a request of the gateway's own fails when its answer is an error or is not JSON", async () => {
  for (const body of [
    '"result":{"a":1,oops}',
    '"result":"\\x"',
    '"error":{"message":"\\x"}',
    '"error":{"message":"not now"}',
    '"error":{}',
  ]) {
    const { connection, sent, server } = connected();
    const answered = connection.ask("tools/list", {});
    expect(() => server.message(`{"jsonrpc":"2.0","id":${numberOf(sent[0]!)},${body}}`)).not.toThrow();
    await expect(answered).rejects.toThrow(/^tools\/list: /);
  }
});
