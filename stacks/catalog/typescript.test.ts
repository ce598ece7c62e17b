import { expect, test } from "vitest";
import { tooOld } from "./typescript.ts";

test.each([
  [undefined, "20.20.2"],
  [false, "22.17.1"],
] as const)("a Node that says %s of TypeScript is told which one runs the catalog", (typescript, version) => {
  expect(tooOld("services.ts", { features: { typescript }, versions: { node: version } })).toBe(
    "services.ts needs Node 22.18 or 24, or newer, which run TypeScript as it is; " +
      `this is Node ${version}. Get one at https://nodejs.org/en/download`,
  );
});

test.each(["strip", "transform"] as const)("a Node that %ss types runs it", (typescript) => {
  expect(tooOld("services.ts", { features: { typescript }, versions: { node: "24.0.0" } })).toBeUndefined();
});
