/** Modern callers in front of a legacy server, without the server: who gets which legacyClient, and for how long. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deferred } from "../../../deferred.ts";
import type { Caller, Settled } from "../../../bridge/connection.ts";
import { GatewayError } from "../../../errors.ts";
import { modernCaller, requestOf } from "../../../fixtures/modern-caller.ts";
import type { Lane, LaneSource } from "../../servers/contract.ts";
import { ToLegacyEndpoint } from "./server.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const IDLE = 60_000;

interface OpenCall {
  readonly text: string;
  readonly caller: Caller;
  readonly settled: Settled;
}

/** A lane, and what was done to it. */
class FakeLane implements Lane {
  restore(): void {}

  readonly calls: OpenCall[] = [];
  readonly cancelled: Caller[] = [];
  closed: GatewayError | undefined;
  readonly ended: (reason: GatewayError) => void;
  readonly opening = deferred<string>();

  constructor(ended: (reason: GatewayError) => void) {
    this.ended = ended;
  }

  open = () => this.opening.promise;
  tell = () => {};
  call = ({ text }: { text: string }, caller: Caller, settled: Settled) =>
    void this.calls.push({ text, caller, settled });
  cancel = (caller: Caller) => void this.cancelled.push(caller);
  close = async (reason: GatewayError) => void (this.closed = reason);

  /** The server takes the handshake. */
  async greet(capabilities = {}): Promise<void> {
    const result = { protocolVersion: "2025-11-25", capabilities, serverInfo: { name: "child" } };
    this.opening.resolve(`{"jsonrpc":"2.0","id":1,"result":${JSON.stringify(result)}}`);
    await vi.advanceTimersByTimeAsync(0);
  }

  /** The server answers the last call. */
  answer(): void {
    const { caller, settled } = this.calls.at(-1)!;
    settled("answered");
    caller.answer('{"jsonrpc":"2.0","id":1,"result":{}}');
  }
}

function served(maxClients = 10) {
  const lanes: FakeLane[] = [];
  const source: LaneSource = { lane: (_, ended) => lanes[lanes.push(new FakeLane(ended)) - 1]! };
  const server = new ToLegacyEndpoint(source, { service: "test", maxClients, idleTtl: IDLE });
  const call = (given = {}, method = "tools/call") => {
    const caller = modernCaller(given);
    server.call(requestOf(method, { name: "a", notifications: {} }), caller.caller);
    return caller;
  };
  return { server, lanes, call };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

test("callers of one principal at one address share a lane, and calls wait until it is open", async () => {
  const { server, lanes, call } = served();
  const calls = [call(), call(), call({ principal: { id: "bob" } }), call({ address: "::1" })];
  expect([lanes.length, server.openCalls]).toEqual([3, 4]);
  expect(lanes.flatMap((lane) => lane.calls)).toEqual([]);
  for (const lane of lanes) await lane.greet();
  expect(lanes.map((lane) => lane.calls.length)).toEqual([2, 1, 1]);
  for (const lane of lanes) lane.answer();
  await settle();
  expect(calls.map(({ answers }) => answers.length)).toEqual([0, 1, 1, 1]);
  expect(server.openCalls).toBe(1);
});

test("the call of a caller that leaves while the lane opens is never passed on", async () => {
  const { server, lanes, call } = served();
  const [leaver, stayer] = [call(), call()];
  server.cancel(leaver.caller, new GatewayError("cancelled"));
  expect([leaver.errors.map(({ name }) => name), server.openCalls]).toEqual([["cancelled"], 1]);
  await lanes[0]!.greet();
  expect(lanes[0]!.calls).toHaveLength(1);
  expect(lanes[0]!.cancelled).toEqual([]);
  server.cancel(stayer.caller, new GatewayError("cancelled"));
  expect(lanes[0]!.cancelled).toHaveLength(1);
});

test("when a lane cannot be opened every waiting caller is told, and the next call opens another", async () => {
  const { lanes, call } = served();
  const waiting = [call(), call()];
  lanes[0]!.opening.reject(new GatewayError("child-start-failed", { service: "test", reason: "no luck" }));
  await settle();
  for (const { errors } of waiting) expect(errors.map(({ name }) => name)).toEqual(["child-start-failed"]);
  expect(lanes[0]!.closed?.name).toBe("child-start-failed");
  const next = call();
  await lanes[1]!.greet();
  lanes[1]!.answer();
  expect([lanes.length, next.answers.length]).toEqual([2, 1]);
});

test("a server's refusal of the handshake reaches the caller with the server's message", async () => {
  const { lanes, call } = served();
  const { errors } = call();
  lanes[0]!.opening.resolve('{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"not now"}}');
  await settle();
  expect(errors[0]).toMatchObject({
    name: "initialize-refused",
    message: expect.stringMatching(/: not now\. /) as string,
  });
});

test("a lane is closed once it has been idle for the TTL, counted from the end of the last call", async () => {
  const { lanes, call } = served();
  call();
  await lanes[0]!.greet();
  await vi.advanceTimersByTimeAsync(3 * IDLE);
  expect(lanes[0]!.closed).toBeUndefined(); // a call is open
  lanes[0]!.answer();
  await vi.advanceTimersByTimeAsync(IDLE * 0.9);
  expect(lanes[0]!.closed).toBeUndefined();
  await vi.advanceTimersByTimeAsync(IDLE / 2);
  expect(lanes[0]!.closed?.name).toBe("session-not-found");
  call();
  expect(lanes).toHaveLength(2);
});

test("a lane is not closed while it opens or somebody is subscribed", async () => {
  const { server, lanes, call } = served();
  const listener = call({}, "subscriptions/listen");
  await vi.advanceTimersByTimeAsync(2 * IDLE);
  expect(lanes[0]!.closed).toBeUndefined();
  await lanes[0]!.greet();
  await vi.advanceTimersByTimeAsync(2 * IDLE);
  expect(lanes[0]!.closed).toBeUndefined();
  server.cancel(listener.caller, new GatewayError("cancelled"));
  await vi.advanceTimersByTimeAsync(2 * IDLE);
  expect(lanes[0]!.closed).toBeDefined();
});

test("when the server is gone for good the next call starts afresh, and late messages of the old one do no harm", async () => {
  const { server, lanes, call } = served();
  call();
  lanes[0]!.ended(new GatewayError("child-died"));
  const next = call();
  lanes[0]!.opening.reject(new GatewayError("child-died"));
  await settle();
  await lanes[1]!.greet();
  expect([lanes[1]!.closed, lanes[1]!.calls.length, next.errors]).toEqual([undefined, 1, []]);
  call();
  expect([lanes.length, server.openCalls]).toEqual([2, 2]);
});

test("the number of clients that are served at once is limited", async () => {
  const { lanes, call } = served(2);
  for (const address of ["a", "b"]) call({ address });
  const refused = call({ address: "c" });
  expect(refused.errors[0]).toMatchObject({ name: "too-many-sessions", retryAfter: 30 });
  expect([lanes.length, call({ address: "a" }).errors]).toEqual([2, []]);
});

test.each(["tasks/list", "roots/list", "sampling/createMessage", "elicitation/create"])(
  "%s is refused, because it means something else to a legacy server",
  (method) => {
    const { lanes, call } = served();
    expect([call({}, method).errors[0]?.name, lanes.length]).toEqual(["method-not-found", 0]);
  },
);

test("stopping closes all lanes", async () => {
  const { server, lanes, call } = served();
  call();
  await lanes[0]!.greet();
  await server.stop();
  expect([lanes[0]!.closed?.name, lanes[0]!.cancelled.length, vi.getTimerCount()]).toEqual(["shutting-down", 1, 0]);
});
