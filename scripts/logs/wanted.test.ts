import { expect, test } from "vitest";
import { readMatch, readSince } from "./wanted.ts";

const NOW = new Date("2026-11-30T12:00:00Z");

test.each([
  ["90s", "2026-11-30T11:58:30.000Z", "90s"],
  ["15m", "2026-11-30T11:45:00.000Z", "900s"],
  ["2h", "2026-11-30T10:00:00.000Z", "7200s"],
  ["3d", "2026-11-27T12:00:00.000Z", "259200s"],
  ["2026-11-30T08:00:00Z", "2026-11-30T08:00:00.000Z", "2026-11-30T08:00:00.000Z"],
])("since %s", (text, time, forDocker) => {
  const since = readSince(text, NOW);
  expect([since.time.toISOString(), since.forDocker]).toEqual([time, forDocker]);
});

test.each(["", "5", "m", "5 m", "yesterday", "2026-13-40", "1e3s"])("since %j is a mistake", (text) => {
  expect(() => readSince(text, NOW)).toThrow("expected 15m, 2h, 3d or a time as in 2026-11-30T08:00");
});

const call = '{"level":"info","audit":"call","service":"memory","tool":"read_graph","msg":"AUTH call"}';
const start = '{"level":"info","service":"memory","msg":"listening; audit is on"}';

test.each([
  [undefined, false, [call, start, "plain"]],
  ["graph|plain", false, [call, "plain"]],
  [undefined, true, [call]],
  ["no_such_tool", true, []],
])("looking for %s, of the audit alone: %s", (pattern, audit, expected) => {
  expect([call, start, "plain"].filter(readMatch(pattern, audit))).toEqual(expected);
});

test("a pattern that is none is a mistake", () => {
  expect(() => readMatch("(", false)).toThrow(/^--grep: Invalid regular expression/);
});
