import { expect, test } from "vitest";
import { RateLimit } from "./rate.ts";

/** Takes tokens until refused. Returns how many there were. */
function drain(limit: RateLimit, key: string, now: number): number {
  let taken = 0;
  while (limit.take(key, now) === 0) taken++;
  return taken;
}

test("a burst passes at once, and the next take returns the seconds to wait", () => {
  const limit = new RateLimit(2, 5);
  expect(drain(limit, "a", 0)).toBe(5);
  expect(limit.take("a", 0)).toBeCloseTo(0.5);
});

test("a bucket fills with time at its rate", () => {
  const limit = new RateLimit(2, 5);
  drain(limit, "a", 0);
  expect(drain(limit, "a", 499)).toBe(0);
  expect(drain(limit, "a", 500)).toBe(1);
  expect(drain(limit, "a", 2_000)).toBe(3);
});

test("a bucket never holds more than its burst, however long it is left alone", () => {
  const limit = new RateLimit(2, 5);
  drain(limit, "a", 0);
  expect(drain(limit, "a", 3_600_000)).toBe(5);
});

test("a token is there after the wait that was given", () => {
  const limit = new RateLimit(50, 100);
  drain(limit, "a", 0);
  const wait = limit.take("a", 3);
  expect(wait).toBeGreaterThan(0);
  expect(limit.take("a", 3 + wait * 1_000 + 0.001)).toBe(0);
});

test("asking again while refused does not extend the wait", () => {
  const limit = new RateLimit(1, 1);
  limit.take("a", 0);
  for (let now = 0; now < 1_000; now += 10) limit.take("a", now);
  expect(limit.take("a", 1_001)).toBe(0);
});

test("each key has a bucket of its own", () => {
  const limit = new RateLimit(1, 3);
  drain(limit, "a", 0);
  expect(drain(limit, "b", 0)).toBe(3);
});

test("asking how long to wait takes nothing", () => {
  const limit = new RateLimit(1, 2);
  for (let times = 0; times < 10; times++) expect(limit.wait("a", 0)).toBe(0);
  expect(drain(limit, "a", 0)).toBe(2);
  expect([limit.wait("a", 250), limit.take("a", 250)]).toEqual([0.75, 0.75]);
  expect(limit.wait("a", 1_500)).toBe(0);
});

test("thousands of strangers push each other's buckets out, not that of a regular caller", () => {
  const limit = new RateLimit(0.001, 1);
  limit.take("caller", 0);
  for (let thousand = 0; thousand < 25; thousand++) {
    for (let one = 0; one < 1_000; one++) limit.take(`stranger ${thousand * 1_000 + one}`, 0);
    expect(limit.take("caller", 0)).toBeGreaterThan(0);
  }
  expect(limit.take("stranger 24999", 0)).toBeGreaterThan(0);
  expect(limit.take("stranger 0", 0)).toBe(0); // the bucket that it had emptied has been dropped
});

test("taking more at once than a bucket holds waits for a full bucket, not for ever", () => {
  const limit = new RateLimit(1, 5);
  expect(limit.take("a", 0, 50)).toBe(0);
  expect(limit.take("a", 0, 50)).toBe(5);
  expect(limit.take("a", 5_000, 50)).toBe(0);
});
