import { expect, test } from "vitest";
import { tellingLines } from "./telling-lines.ts";

const line = (level: string, msg: string, rest: object = {}) =>
  JSON.stringify({ level, time: "2026-11-30T12:00:00.000Z", msg, ...rest });

test("the warnings and errors among many lines are shown, in words and each once", () => {
  const noise = Array.from({ length: 30 }, (_, i) => line("info", `request ${i}`));
  const bad = line("error", "server did not start", { reason: "the API refuses its token" });
  const told = tellingLines([...noise, bad, ...noise, bad, ...noise].join("\n"));
  expect(told).toEqual([expect.stringMatching(/error +server did not start: the API refuses its token/)]);
});

test("a log without any has its last eight lines as they are", () => {
  const log = Array.from({ length: 30 }, (_, i) => `line ${i}`);
  expect(tellingLines(log.join("\n"))).toEqual(log.slice(-8));
  expect(tellingLines("")).toEqual([]);
});
