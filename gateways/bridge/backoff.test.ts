import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

/** Fails as soon as each pause is over. Returns the pauses, and when the last one ends. */
function failTimes(backoff: Backoff, times: number, start = 0): { pauses: number[]; end: number } {
  const pauses: number[] = [];
  let now = start;
  for (let failure = 0; failure < times; failure++) {
    backoff.failed(now);
    pauses.push(backoff.remaining(now));
    now += backoff.remaining(now);
  }
  return { pauses, end: now };
}

test("the pause doubles with every failure in a row, from 100 ms to 30 s", () => {
  const { pauses } = failTimes(new Backoff(), 11);
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
});

test("the pause never passes 30 s, however often a server fails", () => {
  expect(failTimes(new Backoff(), 2_000).pauses.at(-1)).toBe(30_000);
});

test("several starts that fail within one pause count as one failure and do not extend the pause", () => {
  const backoff = new Backoff();
  for (const now of [0, 1, 50, 99]) backoff.failed(now);
  expect(backoff.remaining(99)).toBe(1);
  backoff.failed(100);
  expect(backoff.remaining(100)).toBe(200);
});

test("the remaining pause shrinks with time and never goes below zero", () => {
  const backoff = new Backoff();
  backoff.failed(1_000);
  expect([1_060, 1_100, 9_999].map((now) => backoff.remaining(now))).toEqual([40, 0, 0]);
});

test("there is no pause before the first failure", () => {
  expect(new Backoff().remaining(0)).toBe(0);
});

test("a success ends the pause at once", () => {
  const backoff = new Backoff();
  const { end } = failTimes(backoff, 5);
  backoff.failed(end);
  backoff.succeeded(end + 1);
  expect(backoff.remaining(end + 1)).toBe(0);
});

test("after a server has worked for ten seconds its next failure counts as the first", () => {
  const backoff = new Backoff();
  const { end } = failTimes(backoff, 5);
  backoff.succeeded(end);
  backoff.succeeded(end + 9_000); // it still works, which does not restart the ten seconds
  backoff.failed(end + 10_000);
  expect(backoff.remaining(end + 10_000)).toBe(100);
});

test("a server that keeps starting well and failing soon after waits longer each time", () => {
  const backoff = new Backoff();
  const pauses: number[] = [];
  for (let now = 0, times = 0; times < 5; times++, now += 9_999) {
    backoff.succeeded(now);
    backoff.failed(now + 9_998);
    pauses.push(backoff.remaining(now + 9_998));
  }
  expect(pauses).toEqual([100, 200, 400, 800, 1_600]);
});

test("without a given time the process's own clock is used", () => {
  const backoff = new Backoff();
  backoff.failed();
  expect(backoff.remaining()).toBeGreaterThan(0);
  expect(backoff.remaining()).toBeLessThanOrEqual(100);
});

test("a server counts as failing from a failure until its next success", () => {
  const backoff = new Backoff();
  const seen = [backoff.failing];
  backoff.failed(0);
  seen.push(backoff.failing);
  backoff.succeeded(1);
  seen.push(backoff.failing);
  backoff.failed(2);
  seen.push(backoff.failing);
  expect(seen).toEqual([false, true, false, true]);
});
