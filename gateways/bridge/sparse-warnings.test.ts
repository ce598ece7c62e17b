import { expect, test } from "vitest";
import { createLog } from "../log.ts";
import { SparseWarnings } from "./sparse-warnings.ts";

test("of each kind the first is told at once, and then one every ten seconds with how many more there were", () => {
  const lines: string[] = [];
  const warnings = new SparseWarnings(createLog("info", (text) => void lines.push(text)));
  for (let index = 0; index < 1_000; index++) {
    warnings.warn({ index }, "lost", 1_000 + index);
    warnings.warn({ index }, "dropped", 1_000 + index);
  }
  warnings.warn({ index: 1_000 }, "lost", 12_000);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { msg: "lost", index: 0 },
    { msg: "dropped", index: 0 },
    { msg: "lost", index: 1_000, more: 999 },
  ]);
});
