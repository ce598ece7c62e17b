/** One timer for many deadlines. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Deadlines, type Timed } from "./deadlines.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Deadlines of things with names, and who was late when (in milliseconds from the beginning). */
function watched() {
  const begun = performance.now();
  const open = new Map<string, Timed>();
  const late: string[] = [];
  const deadlines = new Deadlines<Timed>(
    () => open.values(),
    (one) => {
      const [name] = [...open].find(([, other]) => other === one) as [string, Timed];
      open.delete(name);
      late.push(`${name} at ${performance.now() - begun}`);
    },
  );
  const add = (name: string, time?: number) => {
    const now = performance.now();
    open.set(name, { deadline: time === undefined ? undefined : now + time });
    if (time !== undefined) deadlines.watch(now + time, now);
  };
  return { deadlines, open, late, add };
}

test("each is late at its own time, whatever the order in which they came", async () => {
  const { add, late } = watched();
  add("slow", 300);
  add("endless");
  add("quick", 100);
  await vi.advanceTimersByTimeAsync(50);
  add("later", 100);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(late).toEqual(["quick at 100", "later at 150", "slow at 300"]);
});

test("what is over is not late, and what is put off is late at its new time", async () => {
  const { add, late, open } = watched();
  add("over", 100);
  add("put off", 200);
  await vi.advanceTimersByTimeAsync(50);
  open.delete("over");
  open.get("put off")!.deadline! += 500;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(late).toEqual(["put off at 700"]);
});

test("a deadline that no timer can be set for is kept all the same", async () => {
  const { add, late } = watched();
  add("in a month", 30 * 24 * 3_600_000);
  await vi.advanceTimersByTimeAsync(29 * 24 * 3_600_000);
  expect(late).toEqual([]);
  await vi.advanceTimersByTimeAsync(2 * 24 * 3_600_000);
  expect(late).toEqual(["in a month at 2592000000"]);
});

test("no timer is left when nothing is open, nor after `stop`", async () => {
  const { add, open, deadlines } = watched();
  add("over", 100);
  open.clear();
  await vi.advanceTimersByTimeAsync(100);
  expect(vi.getTimerCount()).toBe(0);
  add("open", 100);
  deadlines.stop();
  expect(vi.getTimerCount()).toBe(0);
});
