import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withRun } from "./save.ts";

const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");

test("a saved run replaces the one before and leaves the rest of the page alone", () => {
  const once = withRun(readme, "tables of Monday");
  const twice = withRun(once, "tables of Tuesday");
  expect(twice).toContain("tables of Tuesday");
  expect(twice).not.toContain("tables of Monday");
  expect(twice.replace("tables of Tuesday", "tables of Monday")).toBe(once);
});

test("a page without a place for the run is an error, not a page without a run", () => {
  expect(() => withRun("# The benchmark", "table")).toThrow(/expected the lines/);
});
