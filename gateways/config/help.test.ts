import { expect, test } from "vitest";
import { flagOf, variableOf, type Option } from "../config.ts";
import { allOptions } from "./every-option.ts";
import { helpText } from "./help.ts";

const OPTIONS: [string, Option<unknown>][] = Object.entries(allOptions);
const LINES = helpText().split("\n");

test.each(OPTIONS)("%s is in the help with its flag, its variable and its default", (key, option) => {
  const line = LINES.find((candidate) => candidate.startsWith(`  ${flagOf(key)} `)) ?? "";
  const { default: fallback, help } = option;
  expect(line.split(/ +/).slice(1, 3)).toEqual([flagOf(key), variableOf(option)]);
  expect(line.endsWith(`${help}${fallback === undefined ? "" : ` [${fallback}]`}`)).toBe(true);
});

test("every flag and every variable is in the help once", () => {
  const rows = LINES.filter((line) => /^ {2}--/.test(line)).map((line) => line.trim().split(/ +/));
  expect(rows).toHaveLength(OPTIONS.length);
  expect(new Set(rows.map(([flag]) => flag)).size).toBe(OPTIONS.length);
  expect(new Set(rows.map(([, env]) => env)).size).toBe(OPTIONS.length);
});

test.each(OPTIONS.filter(([, option]) => option.default !== undefined))(
  "the default of %s can be read by the option itself",
  (_, { default: fallback = "", read }) => {
    expect(() => read(fallback)).not.toThrow();
  },
);

test("the help shows the three ways to start and the exit codes", () => {
  for (const shown of ["--stdio", "--url", "--config gateway.json", "--help", "Exit codes: 0"]) {
    expect(helpText()).toContain(shown);
  }
});

test("the help fits a wide terminal and ends with one line break", () => {
  expect(Math.max(...LINES.map((line) => line.length))).toBeLessThanOrEqual(140);
  expect(helpText()).toMatch(/[^\n]\n$/);
});
