import { expect, test } from "vitest";
import { remembered, rememberingLast } from "./remembered.ts";

test("a text is read once, as long as not too many others come and it is short", () => {
  const read: string[] = [];
  const length = remembered((text) => {
    read.push(text);
    return text.length;
  });
  const long = "x".repeat(1_000);
  expect([length("one"), length("one"), length(long), length(long)]).toEqual([3, 3, 1_000, 1_000]);
  expect(read).toEqual(["one", long, long]);
  for (let other = 0; other < 1_000; other++) length(`other ${other}`);
  expect(length("one")).toBe(3);
  expect(read.filter((text) => text === "one")).toHaveLength(2);
});

test("what throws is tried again", () => {
  let times = 0;
  const fail = remembered(() => {
    times++;
    throw new Error("no");
  });
  expect(() => fail("a")).toThrow("no");
  expect(() => fail("a")).toThrow("no");
  expect(times).toBe(2);
});

test("of a text that comes again and again the last one is remembered, if it is short", () => {
  const read: string[] = [];
  const length = rememberingLast((text) => {
    read.push(text);
    return text.length;
  });
  const long = "x".repeat(1_000);
  expect(["a", "a", "ab", "a", long, long, "a"].map(length)).toEqual([1, 1, 2, 1, 1_000, 1_000, 1]);
  expect(read).toEqual(["a", "ab", "a", long, long]);
});
