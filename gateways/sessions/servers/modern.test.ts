/** A modern server whom many share, without a process. */
import { pino } from "pino";
import { expect, test, vi } from "vitest";
import type { OpenLink } from "../../bridge/link.ts";
import { modernCaller, requestOf } from "../../fixtures/modern-caller.ts";
import { MAX_WAIT } from "../../fixtures/max-wait.ts";
import { GatewayError } from "../../errors.ts";
import { ModernServer } from "./modern.ts";

interface Sent {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly requestId?: number };
  readonly error?: { readonly code: number };
}

/** A server that answers server/discover, and otherwise what it is told to say. */
async function running(serial = false) {
  const sent: Sent[] = [];
  let say!: (message: object) => void;
  let die!: () => void;
  const open: OpenLink = (events) => {
    say = (message) => events.message(JSON.stringify({ jsonrpc: "2.0", ...message }));
    die = () => events.closed({ reason: "exit code 3", lastStderr: "" });
    return {
      label: "test",
      close: async () => {},
      send: (text) => {
        const message = JSON.parse(text) as Sent;
        sent.push(message);
        if (message.method !== "server/discover") return;
        queueMicrotask(() => say({ id: message.id, result: { supportedVersions: ["2026-07-28"] } }));
      },
    };
  };
  const options = { service: "test", requestTimeout: 10_000, startTimeout: 10_000, serial };
  const server = new ModernServer(open, options, pino({ enabled: false }));
  await server.supervisor.up();
  const calls = (method: string) => sent.filter((message) => message.method === method);
  return { server, sent, calls, say: (message: object) => say(message), die: () => die() };
}

const call = (id = "1") => requestOf("tools/call", { name: "a" }, id);
const listen = (id = "1") => requestOf("subscriptions/listen", { notifications: {} }, id);
const message = (level: string) => ({ method: "notifications/message", params: { level, data: "x" } });
const cancelled = new GatewayError("cancelled");

test("one principal may have 100 subscriptions, and ended ones do not count", async () => {
  const { server, calls } = await running();
  const callers = Array.from({ length: 100 }, () => modernCaller());
  for (const { caller } of callers) server.call(listen(), caller);
  const [late, other, next] = [modernCaller(), modernCaller({ principal: { id: "bob" } }), modernCaller()];
  for (const { caller } of [late, other]) server.call(listen(), caller);
  expect([late.errors[0]?.name, other.errors]).toEqual(["too-many-listeners", []]);
  expect([calls("subscriptions/listen").length, server.openCalls]).toEqual([101, 0]);
  server.cancel(callers[0]!.caller, cancelled);
  server.call(listen(), next.caller);
  expect([next.errors, calls("subscriptions/listen").length]).toEqual([[], 102]);
});

test("log messages go to the one open call that wants them, at its level, until it is over", async () => {
  const { server, say, calls } = await running();
  const [loud, plain, other] = [
    modernCaller({ logLevel: "error" }),
    modernCaller(),
    modernCaller({ logLevel: "debug" }),
  ];
  server.call(call(), plain.caller);
  say(message("error"));
  server.call(call(), loud.caller);
  say(message("warning"));
  say(message("error"));
  server.call(call(), other.caller);
  say(message("alert"));
  server.cancel(other.caller, cancelled);
  say(message("critical"));
  say({ id: calls("tools/call")[1]!.id, result: {} });
  say(message("emergency"));
  expect([plain.texts, other.texts]).toEqual([[], []]);
  expect(loud.texts.map((text) => /"level":"(\w+)"/.exec(text)?.[1])).toEqual(["error", "critical"]);
});

test("log messages that may be about one principal's cancelled call do not reach another until the server is a new one", async () => {
  const { server, say, die } = await running();
  const [bob, ann] = [
    modernCaller({ logLevel: "debug", principal: { id: "bob" } }),
    modernCaller({ logLevel: "debug" }),
  ];
  server.call(call(), bob.caller);
  server.cancel(bob.caller, cancelled);
  server.call(call(), ann.caller);
  say(message("error"));
  expect(ann.texts).toEqual([]);
  die();
  await server.supervisor.up();
  const next = modernCaller({ logLevel: "debug" });
  server.call(call(), next.caller);
  say(message("error"));
  say({ method: "notifications/other", params: { level: "error" } });
  expect(next.texts).toHaveLength(1);
});

test("a server's request is refused, because its era has none", async () => {
  const { say, sent } = await running();
  say({ id: 7, method: "roots/list" });
  expect(sent.at(-1)).toMatchObject({ id: 7, error: { code: -32601 } });
});

test("stopping ends subscriptions in good order and calls with an error", async () => {
  const { server, calls } = await running();
  const [listener, waiting] = [modernCaller(), modernCaller()];
  server.call(listen('"mine"'), listener.caller);
  server.call(call(), waiting.caller);
  expect(server.openCalls).toBe(1);
  await server.stop();
  expect(JSON.parse(listener.answers[0]!)).toMatchObject({ id: "mine", result: { resultType: "complete" } });
  expect(waiting.errors[0]?.message).toMatch(/may have run/);
  expect([server.openCalls, calls("tools/call").length]).toEqual([0, 1]);
});

test("at a serial server, one caller's hundred waiting calls do not block another's", async () => {
  const { server, calls } = await running(true);
  const greedy = { principal: { id: "greedy" } };
  for (let waiting = 0; waiting < 100; waiting++) server.call(call(), modernCaller(greedy).caller);
  const [refused, other] = [modernCaller(greedy), modernCaller({ principal: { id: "modest" } })];
  server.call(call(), refused.caller);
  server.call(call(), other.caller);
  expect(refused.errors[0]?.name).toBe("too-many-calls");
  expect(other.errors).toEqual([]);
  expect(server.openCalls).toBe(101);
  server.call(requestOf("tools/list"), modernCaller(greedy).caller); // what only looks needs no turn
  expect(calls("tools/list")).toHaveLength(1);
});

test("at a serial server too, an answered call is over: log messages reach the next caller", async () => {
  const { server, calls, say } = await running(true);
  const [ann, bob] = [
    modernCaller({ logLevel: "debug" }),
    modernCaller({ logLevel: "debug", principal: { id: "bob" } }),
  ];
  server.call(call(), ann.caller);
  await vi.waitFor(() => expect(calls("tools/call")).toHaveLength(1), MAX_WAIT);
  say({ id: calls("tools/call")[0]!.id, result: {} });
  server.call(call(), bob.caller);
  await vi.waitFor(() => expect(calls("tools/call")).toHaveLength(2), MAX_WAIT);
  say(message("error"));
  expect([ann.answers.length, bob.texts.length]).toEqual([1, 1]);
});
