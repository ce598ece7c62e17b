import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

test("the pause doubles with every failure in a row, from 100 ms to 30 s", () => {
  const backoff = new Backoff();
  const pauses = Array.from({ length: 11 }, () => {
    backoff.failed(0);
    return backoff.remaining(0);
  });
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
});

test("the pause never passes 30 s, however often a server fails", () => {
  const backoff = new Backoff();
  for (let failure = 0; failure < 2_000; failure++) backoff.failed(0);
  expect(backoff.remaining(0)).toBe(30_000);
});

test("the pause runs out with time, and is never below zero", () => {
  const backoff = new Backoff();
  backoff.failed(1_000);
  expect(backoff.remaining(1_060)).toBe(40);
  expect(backoff.remaining(1_100)).toBe(0);
  expect(backoff.remaining(9_999)).toBe(0);
});

test("before any failure nothing waits", () => {
  expect(new Backoff().remaining(0)).toBe(0);
});

test("a success ends the pause, and the next failure begins with the shortest again", () => {
  const backoff = new Backoff();
  for (let failure = 0; failure < 5; failure++) backoff.failed(0);
  backoff.succeeded();
  expect(backoff.remaining(0)).toBe(0);
  backoff.failed(0);
  expect(backoff.remaining(0)).toBe(100);
});

test("without a given time the process's own clock counts", () => {
  const backoff = new Backoff();
  backoff.failed();
  expect(backoff.remaining()).toBeGreaterThan(0);
  expect(backoff.remaining()).toBeLessThanOrEqual(100);
});

test("a server is failing from its first failure to its next success", () => {
  const backoff = new Backoff();
  expect(backoff.failing).toBe(false);
  backoff.failed(0);
  expect(backoff.failing).toBe(true);
  backoff.succeeded();
  expect(backoff.failing).toBe(false);
});
