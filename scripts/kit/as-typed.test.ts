import { expect, test } from "vitest";
import { asTyped } from "./as-typed.ts";

test.each([
  ["See: npx gangway help plan", "See: npx gangway-mcp help plan"],
  ["run `npx gangway`, or npx gangway --help", "run `npx gangway-mcp`, or npx gangway-mcp --help"],
  ["npx gangway-mcp init", "npx gangway-mcp init"],
  ["npm create gangway-mcp", "npm create gangway-mcp"],
])("outside of a project, %j is %j", (text, expected) => {
  expect([asTyped(text, false), asTyped(text, true)]).toEqual([expected, text]);
});
