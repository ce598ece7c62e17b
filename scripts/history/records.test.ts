import { expect, test } from "vitest";
import type { HostEngine } from "./host.ts";
import { KEPT, keepRecord, readHistory, slotFor } from "./records.ts";
import { packed, unpacked } from "./tar.ts";

const entry = {
  action: "deploy",
  stack: "local",
  deployment: "local-1",
  who: "ada",
  from: "here",
  services: {},
} as const;

/** An engine with files in one folder. */
function engineWith(files: Map<string, string>, times: string[]): HostEngine {
  return async ([verb, from, to], input = "") => {
    if (verb === "info") return times.shift()!;
    if (to === "-")
      return Array.from(files, ([name, text]) => packed({ name: `history/${name}`, text }).slice(0, -1024)).join("");
    expect(from).toBe("-");
    for (const { name, text } of unpacked(input)) files.set(name, text);
    return "";
  };
}

test("records come back the newest first, by the host's clock", async () => {
  const engine = engineWith(new Map(), ["2026-11-30T10:00:00Z", "2026-11-30T09:00:00Z"]);
  await keepRecord(engine, { ...entry, result: "ok", commit: "aaaa" });
  await keepRecord(engine, { ...entry, result: "failed", reason: "ünïcode\n" });
  expect(await readHistory(engine)).toEqual([
    { ...entry, time: "2026-11-30T10:00:00.000Z", result: "ok", commit: "aaaa" },
    { ...entry, time: "2026-11-30T09:00:00.000Z", result: "failed", reason: "ünïcode\n" },
  ]);
});

test("one that was cut short spoils no other, and its place is used again", async () => {
  const files = new Map([["000.json", '{"time":"2026-']]);
  const engine = engineWith(files, ["2026-11-30T10:00:00Z"]);
  expect(await readHistory(engine)).toEqual([]);
  await keepRecord(engine, { ...entry, result: "ok" });
  expect([await readHistory(engine), files.size]).toMatchObject([[{ result: "ok" }], 1]);
});

test("the oldest makes room when there are as many as are kept", () => {
  expect(slotFor([])).toBe("000.json");
  expect(slotFor(["001.json", "000.json"], 3)).toBe("002.json");
  expect(slotFor(["001.json", "000.json", "002.json"], 3)).toBe("002.json");
  expect(KEPT).toBeLessThanOrEqual(1_000); // names of three digits
});

test("an archive has what was put into it, whatever the length", () => {
  for (const text of ["", "a", "é".repeat(256), "x".repeat(512), "x".repeat(5_000)])
    expect(unpacked(packed({ name: "history/001.json", text }))).toEqual([{ name: "001.json", text }]);
});
