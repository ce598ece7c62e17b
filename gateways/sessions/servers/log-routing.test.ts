/** Whom a shared modern server's log messages are for, without a server. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { modernCaller, notificationOf } from "../../fixtures/modern-caller.ts";
import { LogRouting } from "./log-routing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

function logs() {
  const own = new LogRouting();
  const add = (level: string | undefined, owner = "ann") => {
    const caller = modernCaller();
    const over = own.add(caller.caller, level, owner);
    return { over, heard: () => caller.texts.length };
  };
  const pass = (level: unknown) => own.pass(notificationOf("message", { level, data: "x" }));
  return { own, add, pass };
}

test("a message goes to the one call that wants it, at its level or above", () => {
  const { add, pass } = logs();
  const [{ heard }] = [add("warning"), add(undefined)];
  expect(["info", "warning", "emergency", "loud", 5, undefined].map(pass)).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(heard()).toBe(2);
});

test("while two calls want messages none is passed on, even to calls of one principal", () => {
  for (const owner of ["ann", "bob"]) {
    const { add, pass } = logs();
    const [first, second] = [add("debug"), add("debug", owner)];
    expect(pass("error")).toBe(false);
    second.over("answered");
    expect(pass("error")).toBe(true);
    first.over("answered");
    expect([pass("error"), first.heard(), second.heard()]).toEqual([false, 1, 0]);
  }
});

test("messages that may be about a cancelled call are kept from other principals for a while", () => {
  const { add, pass } = logs();
  add("debug", "bob").over();
  const { heard } = add("debug", "ann");
  expect(pass("error")).toBe(false);
  vi.advanceTimersByTime(5 * MINUTE - 1);
  expect(pass("error")).toBe(false);
  vi.advanceTimersByTime(2);
  expect([pass("error"), heard()]).toEqual([true, 1]);
});

test("a principal's own cancelled calls do not keep messages from it", () => {
  const { add, pass } = logs();
  add("debug", "ann").over();
  add("debug", "ann");
  expect(pass("error")).toBe(true);
});

test("a new server starts without cancelled calls", () => {
  const { own, add, pass } = logs();
  add("debug", "bob").over();
  add("debug", "ann");
  own.reset();
  expect(pass("error")).toBe(true);
});
