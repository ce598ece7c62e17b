import { expect, test } from "vitest";
import { reviewChange } from "./review-change.ts";

const digest = (letter: string) => letter.repeat(22);
const of = (...tools: readonly string[]) => [
  "PORT=1",
  `REVIEWED_TOOLS=${tools.join(",") || "none"}`,
  "SERVICE_NAME=mail",
];

test("what changes about the reviewed tools is told in words", () => {
  const before = of(`send=${digest("a")}`, `read%2Call=${digest("a")}`, `same=${digest("a")}`);
  const after = of(`send=${digest("b")}`, `later=${digest("a")}`, `same=${digest("a")}`);
  expect(reviewChange(before, after)).toEqual(["mail: reviewed tools: later (new), read,all (gone), send (changed)"]);
  expect(reviewChange(of(), after)).toEqual(["mail: reviewed tools: later (new), same (new), send (new)"]);
});

test("nothing is told where nothing changes, or there was no review to compare with", () => {
  expect(reviewChange(of(`send=${digest("a")}`), of(`send=${digest("a")}`))).toEqual([]);
  expect(reviewChange([], of(`send=${digest("a")}`))).toEqual([]);
  expect(reviewChange(of(`send=${digest("a")}`), ["SERVICE_NAME=mail"])).toEqual([]);
});
