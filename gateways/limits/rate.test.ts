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

test("a bucket that is not full is never forgotten, however many strangers come", () => {
  const limit = new RateLimit(0.001, 1);
  limit.take("caller", 0);
  for (let stranger = 0; stranger < 50_000; stranger++) limit.take(`stranger ${stranger}`, 0);
  expect(limit.take("caller", 0)).toBeGreaterThan(0);
  expect(limit.take("stranger 0", 0)).toBeGreaterThan(0);
});

test("those that find no room share a few buckets, so that a new name is no new bucket", () => {
  const limit = new RateLimit(0.001, 1);
  for (let stranger = 0; stranger < 10_000; stranger++) limit.take(`stranger ${stranger}`, 0);
  let passed = 0;
  for (let more = 0; more < 50_000; more++) if (limit.take(`another ${more}`, 0) === 0) passed++;
  expect(passed).toBeLessThanOrEqual(64);
});

test("buckets that are full again make room", () => {
  const limit = new RateLimit(1, 1);
  for (let stranger = 0; stranger < 10_000; stranger++) limit.take(`stranger ${stranger}`, 0);
  for (let another = 0; another < 10_000; another++) expect(limit.take(`another ${another}`, 2_000)).toBe(0);
});

test("a minor purpose takes nothing from the others, and what the others take is gone for it", () => {
  const limit = new RateLimit(1, 3);
  expect(limit.take("a", 0, 2)).toBe(0);
  expect([limit.take("a", 0, 1, true), limit.take("a", 0, 1, true)]).toEqual([0, 1]);
  expect([limit.take("a", 0), limit.take("a", 0)]).toEqual([0, 1]);
  const charged = new RateLimit(1, 3);
  for (let times = 0; times < 5; times++) charged.charge("a", 0);
  expect(charged.take("a", 0)).toBe(1);
});

test("a refusal is the first one until the bucket has been half full", () => {
  const limit = new RateLimit(1, 4);
  drain(limit, "a", 0);
  expect([limit.isFirstRefusal("a", 0), limit.isFirstRefusal("a", 1_000)]).toEqual([true, false]);
  drain(limit, "a", 1_000);
  expect(limit.isFirstRefusal("a", 2_000)).toBe(false);
  expect(limit.isFirstRefusal("a", 5_000)).toBe(true);
});

test("taking more at once than a bucket holds waits for a full bucket, not for ever", () => {
  const limit = new RateLimit(1, 5);
  expect(limit.take("a", 0, 50)).toBe(0);
  expect(limit.take("a", 0, 50)).toBe(5);
  expect(limit.take("a", 5_000, 50)).toBe(0);
});
