/** Calls that wait for their server: each runs or fails, once, and is never forgotten. */
import { expect, test } from "vitest";
import type { Caller } from "../../bridge/connection.ts";
import { deferred } from "../../deferred.ts";
import { GatewayError } from "../../errors.ts";
import { WaitingCalls } from "./waiting-calls.ts";

const CANCELLED = new GatewayError("cancelled");

/** A call that waits for a server, and what becomes of it. */
function waiting(calls = new WaitingCalls<Pick<Caller, "fail" | "message">>()) {
  const happened: string[] = [];
  const { promise: up, resolve, reject } = deferred<string>();
  const caller = { fail: (error: GatewayError) => void happened.push(error.name), message: () => {} };
  const added = calls.add(caller, up, {
    bytes: 0,
    run: (server) => void happened.push(`ran on ${server}`),
    skipped: () => void happened.push("skipped"),
  });
  return { calls, caller, happened, added, resolve, reject };
}

test("a call runs when its server is up, and waits until then", async () => {
  const { calls, happened, added, resolve } = waiting();
  expect([calls.size, happened]).toEqual([1, []]);
  resolve("it");
  await added;
  expect([calls.size, happened]).toEqual([0, ["ran on it"]]);
});

test("a cancelled call is answered at once and never runs", async () => {
  const { calls, caller, happened, added, resolve } = waiting();
  expect(calls.cancel(caller, CANCELLED)).toBe(true);
  expect([calls.size, happened]).toEqual([0, ["cancelled"]]);
  expect(calls.cancel(caller, CANCELLED)).toBe(false);
  resolve("it");
  await added;
  expect(happened).toEqual(["cancelled", "skipped"]);
});

test("a server that does not come up fails the call with its reason", async () => {
  const { calls, happened, added, reject } = waiting();
  reject(new GatewayError("child-start-failed", { service: "test", reason: "no luck" }));
  await added;
  expect([calls.size, happened]).toEqual([0, ["skipped", "child-start-failed"]]);
});

test("a cancelled call is not failed again when its server does not come up", async () => {
  const { calls, caller, happened, added, reject } = waiting();
  calls.cancel(caller, CANCELLED);
  reject(new Error("too late"));
  await added;
  expect(happened).toEqual(["cancelled", "skipped"]);
});

test("all calls can be cancelled together", async () => {
  const one = waiting();
  const other = waiting(one.calls);
  one.calls.cancelAll(CANCELLED);
  expect([one.calls.size, one.happened, other.happened]).toEqual([0, ["cancelled"], ["cancelled"]]);
});
