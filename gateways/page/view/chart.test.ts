import { expect, test } from "vitest";
import { chart, said } from "./chart.ts";

const hour = (calls: Record<number, number>, errors: Record<number, number> = {}) => ({
  calls: Array.from({ length: 60 }, (_, at) => calls[at] ?? 0),
  errors: Array.from({ length: 60 }, (_, at) => errors[at] ?? 0),
});

test.each([
  [hour({}), "No calls in the last hour"],
  [hour({ 3: 1 }), "1 call in the last hour, none failed"],
  [hour({ 3: 4, 59: 2 }, { 59: 1 }), "6 calls in the last hour, 1 failed"],
])("the chart is told in words, case %#", (minutes, words) => {
  expect(said(minutes)).toBe(words);
  expect(chart(minutes).attributes["aria-label"]).toBe(words);
});

test("the highest bar fills the chart, a single error among many calls is still seen, and empty minutes have no bar", () => {
  const [, calls, errors] = chart(hour({ 0: 1_000, 1: 500 }, { 0: 1 })).children as ReturnType<typeof chart>[];
  expect(calls!.attributes["d"]).toBe("M0 32v-32h3v32zM4 32v-16h3v16z");
  expect(errors!.attributes["d"]).toBe("M0 32v-2h3v2z");
});
