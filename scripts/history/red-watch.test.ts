import { beforeEach, expect, test } from "vitest";
import { RedWatch } from "./red-watch.ts";

let told: string[];
let watch: RedWatch;
beforeEach(() => {
  told = [];
  watch = new RedWatch(async (text) => void told.push(text));
});

const red = (...names: string[]) => new Map(names.map((name) => [name, "runs, and is not ready"]));

test("what stays red is told of once, and once more when it is well again", async () => {
  for (const now of [0, 60, 119]) await watch.saw(red("memory"), now);
  expect(told).toEqual([]);
  for (const now of [120, 300]) await watch.saw(red("memory"), now);
  expect(told).toEqual(["*memory has been red for 2 min*: runs, and is not ready"]);
  for (const now of [600, 660]) await watch.saw(red(), now);
  expect(told.slice(1)).toEqual(["*memory is well again* after 10 min"]);
});

test("what is well in between begins anew, whatever else is red", async () => {
  await watch.saw(red("memory", "docs"), 0);
  await watch.saw(red("docs"), 60);
  await watch.saw(red("memory", "docs"), 130);
  expect(told).toEqual(["*docs has been red for 2 min*: runs, and is not ready"]);
  await watch.saw(red(), 150);
  expect(told).toHaveLength(2);
});
