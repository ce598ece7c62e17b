import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { reference } from "./reference.ts";

test("gateways/CONFIG.md has every option as the tables have it", () => {
  const page = readFileSync(new URL("../../gateways/CONFIG.md", import.meta.url), "utf8");
  const hint = "gateways/CONFIG.md is out of date: run npm run reference";
  expect(page, hint).toBe(reference());
});
