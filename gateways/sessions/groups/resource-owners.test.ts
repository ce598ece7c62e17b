import { expect, test } from "vitest";
import { fits } from "./resource-owners.ts";

test.each([
  ["file:///a", "file:///a", true],
  ["file:///ab", "file:///a", false],
  ["one://7/text", "one://{id}/text", true],
  ["one:///text", "one://{id}/text", true],
  ["one://7/texts", "one://{id}/text", false],
  ["two://7/text", "one://{id}/text", false],
  ["x://a/b/c", "x://{+path}", true],
  ["x://a?q=1", "x://{host}{?q}", true],
  ["x://ab", "x://{a}ab{b}ab", false],
  ["x://abab", "x://{a}ab{b}ab", true],
  ["", "{any}", true],
  ["x://{id}", "x://{id", false],
])("%s and the template %s: %s", (uri, template, expected) => {
  expect(fits(uri, template)).toBe(expected);
});

test("takes time in proportion to both, whatever a server writes", () => {
  const template = `x://${"{a}a".repeat(20_000)}b`;
  expect(fits(`x://${"a".repeat(200_000)}`, template)).toBe(false);
});
