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

test("a message is for the one call that wants it, at its level or above", () => {
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

test("while two calls want messages they are nobody's, also those of one principal", () => {
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

test("what a server still does for a call that got no answer is not told to another principal, for a while", () => {
  const { add, pass } = logs();
  add("debug", "bob").over();
  const { heard } = add("debug", "ann");
  expect(pass("error")).toBe(false);
  vi.advanceTimersByTime(5 * MINUTE - 1);
  expect(pass("error")).toBe(false);
  vi.advanceTimersByTime(2);
  expect([pass("error"), heard()]).toEqual([true, 1]);
});

test("a principal's own calls that got no answer are no secret to it", () => {
  const { add, pass } = logs();
  add("debug", "ann").over();
  add("debug", "ann");
  expect(pass("error")).toBe(true);
});

test("a new server works at nothing that the one before did", () => {
  const { own, add, pass } = logs();
  add("debug", "bob").over();
  add("debug", "ann");
  own.reset();
  expect(pass("error")).toBe(true);
});
