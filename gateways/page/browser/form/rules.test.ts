import { expect, test } from "vitest";
import { isCheap, problemOfNumber, problemOfText } from "./rules.ts";

const none = { minLength: undefined, maxLength: undefined, pattern: undefined, format: undefined };
const any = {
  whole: false,
  minimum: undefined,
  maximum: undefined,
  exclusiveMinimum: undefined,
  exclusiveMaximum: undefined,
  multipleOf: undefined,
};

test.each([
  ["ab", { minLength: 3 }, "at least 3 characters"],
  ["abcd", { maxLength: 3 }, "at most 3 characters"],
  ["\u{1f600}\u{1f600}", { maxLength: 2 }, undefined],
  ["x", { pattern: "^\\d{4}-\\d{2}$" }, "matches ^\\d{4}-\\d{2}$"],
  ["2026-11", { pattern: "^\\d{4}-\\d{2}$" }, undefined],
  ["x", { pattern: "(" }, undefined],
  ["x", { format: "email" }, "name@example.org"],
  ["a@b.c", { format: "email" }, undefined],
  ["example.org", { format: "uri" }, "whole URL"],
  ["2026-02-99", { format: "date" }, "a date like"],
  ["2026-11-29", { format: "date" }, undefined],
  ["2026-11-29T10:00:00Z", { format: "date-time" }, undefined],
  ["10:00", { format: "date-time" }, "a time like"],
  ["x", { format: "uuid" }, "UUID"],
  ["x", { format: "constructor" }, undefined],
  ["x", { format: "of-their-own" }, undefined],
])("of the text %s by %j is said: %s", (text, rules, said) => {
  const problem = problemOfText(text, { ...none, ...rules });
  expect(problem ?? "nothing").toContain(said ?? "nothing");
});

test.each([
  ["", {}, "a number"],
  ["x", { whole: true }, "a whole number"],
  ["1.5", { whole: true }, "a whole number"],
  ["1e400", {}, "a number"],
  ["1.5", {}, undefined],
  ["0", { minimum: 1 }, "1 or more"],
  ["3", { maximum: 2 }, "2 or less"],
  ["1", { exclusiveMinimum: 1 }, "more than 1"],
  ["1", { exclusiveMaximum: 1 }, "less than 1"],
  ["0.3", { multipleOf: 0.1 }, undefined],
  ["0.35", { multipleOf: 0.1 }, "multiple of 0.1"],
  ["7", { multipleOf: 0 }, undefined],
])("of the number %s by %j is said: %s", (text, rules, said) => {
  const problem = problemOfNumber(text, { ...any, ...rules });
  expect(problem ?? "nothing").toContain(said ?? "nothing");
});

test.each([
  "(a+)+$",
  "(a|a)*b",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "a?a?a?a?aaaa",
  "(.*)\\1",
  "(?=a*)b",
  ".*.*.*x",
  "(a|b)(a|b)(a|b)",
  "a{2000}",
])("the pattern %s, which could take long, is left to the server", (pattern) => {
  expect(isCheap(pattern, "aaaa")).toBe(false);
  expect(problemOfText("a".repeat(100), { ...none, pattern })).toBeUndefined();
});

test.each(["^[a-z][a-z0-9-]{0,62}$", "^(asc|desc)$", "^\\d+$", "^v\\d+\\.\\d{1,3}$", "^https?://"])(
  "the pattern %s is checked",
  (pattern) => {
    expect(isCheap(pattern, "aaaa")).toBe(true);
  },
);
