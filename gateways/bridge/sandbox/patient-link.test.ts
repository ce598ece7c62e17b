/** A sandbox that fails is made again, and a server that fails is not started again. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Link, LinkClosed, LinkEvents } from "../link.ts";
import { openPatiently, TRIES } from "./patient-link.ts";

const NO_SANDBOX: LinkClosed = { reason: "its sandbox could not be made", lastStderr: "", noSandbox: true };
const DIED: LinkClosed = { reason: "exit code 1", lastStderr: "" };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection, all the ones that it was opened as, and what it told. */
function open() {
  const opened: { readonly events: LinkEvents; readonly sent: string[] }[] = [];
  const told: (string | LinkClosed)[] = [];
  const openOnce = (events: LinkEvents): Link => {
    const sent: string[] = [];
    opened.push({ events, sent });
    return { label: `memory[${opened.length}]`, send: (message) => void sent.push(message), close: async () => {} };
  };
  const link = openPatiently(openOnce, {
    message: (text) => void told.push(text),
    failed: () => {},
    closed: (why) => void told.push(why),
  });
  const last = () => opened.at(-1)!;
  const fail = (why: LinkClosed) => {
    last().events.closed(why);
    vi.runAllTimers();
  };
  return { link, opened, told, last, fail };
}

test("what was sent to a sandbox that failed is sent to the next one, also what came between them", () => {
  const { link, opened, told, last } = open();
  link.send("one");
  last().events.closed(NO_SANDBOX);
  link.send("two");
  vi.runAllTimers();
  expect(opened.map(({ sent }) => sent)).toEqual([
    ["one", "two"],
    ["one", "two"],
  ]);
  last().events.message("answer");
  expect(told).toEqual(["answer"]);
  expect(link.label).toBe("memory[2]");
});

test("a sandbox that fails each time is told, once", () => {
  const { opened, told, fail } = open();
  for (let tries = 0; tries < TRIES; tries++) fail(NO_SANDBOX);
  expect(opened).toHaveLength(TRIES);
  expect(told).toEqual([NO_SANDBOX]);
});

test("a server that ends is not started again", () => {
  const { opened, told, fail } = open();
  fail(DIED);
  expect([opened.length, told]).toEqual([1, [DIED]]);
});

test("a connection that is closed meanwhile is not opened again", async () => {
  const { link, opened, told, last } = open();
  last().events.closed(NO_SANDBOX);
  await link.close();
  vi.runAllTimers();
  expect([opened.length, told]).toEqual([1, []]);
});
