import { expect, test } from "vitest";
import { Random } from "./random.ts";

const many = (random: Random) => Array.from({ length: 1_000 }, () => random.whole(1, 6));

test("the same seed gives the same numbers, another seed others", () => {
  expect(many(new Random(7))).toEqual(many(new Random(7)));
  expect(many(new Random(7))).not.toEqual(many(new Random(8)));
});

test("whole numbers come from both ends and everything between", () => {
  expect(new Set(many(new Random(1)))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
});

test("more weight comes up more often, no weight never", () => {
  const random = new Random(1);
  const items = [{ weight: 1 }, { weight: 0 }, { weight: 9 }];
  const picked = Array.from({ length: 1_000 }, () => items.indexOf(random.weighted(items)));
  expect(picked.filter((index) => index === 1)).toEqual([]);
  expect(picked.filter((index) => index === 2).length).toBeGreaterThan(800);
});
