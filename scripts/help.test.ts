import { expect, test } from "vitest";
import { helpScreen } from "./help.ts";
import { groups, type Listed, type Verbs, verbs } from "./verbs.ts";

/** The group of verbs that are to come. */
const LATER = "Look after them";

const later = ["backup", "restore", "nodes"];

const listed = (summary: string): Listed => ({ summary, load: () => Promise.reject(new Error("it is not there yet")) });

const manyMore: Verbs = Object.fromEntries(later.map((name) => [name, listed("x".repeat(26))]));

test.each([
  ["the verbs that there are", groups],
  ["three more", { ...groups, [LATER]: { ...groups[LATER], ...manyMore } }],
])("the screen has room for %s", (_what, all) => {
  const lines = helpScreen(all).split("\n");
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
});

test("no summary is longer than half a line", () => {
  const tooLong = Object.entries(verbs).filter(([, { summary }]) => summary.length > 26 || /[.;]$/.test(summary));
  expect(tooLong.map(([name]) => name)).toEqual([]);
});
