import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { shipped } from "../../stacks/shipped.ts";
import { builtPage } from "./page.ts";

test("the script and the style of the page are those that its sources make: npm run page", async () => {
  expect(readFileSync(shipped("gateways/page/built.ts"), "utf8")).toBe(await builtPage());
});
