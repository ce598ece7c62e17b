import { expect, test } from "vitest";
import { median, percentile, ratios } from "./statistics.ts";

test("the median of an even count is the mean of the two middle values", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBeNaN();
});

test("a percentile is a value that was measured (nearest rank)", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});

test("ratios are taken within a round, and a failed round is left out", () => {
  expect(ratios([10, 40, null], [5, 10, 1])).toEqual({ median: 3, min: 2, max: 4 });
  expect(ratios([1], [null])).toBeUndefined();
});
