import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { linesOfFile } from "./file.ts";
import { readSince, type Wanted } from "./wanted.ts";

const line = (service: string, msg: string) => JSON.stringify({ service, msg });

function logFile(...lines: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "gangway-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "gateway.log");
  writeFileSync(file, lines.map((one) => `${one}\n`).join(""));
  return file;
}

const all = { services: [], last: 100, follow: false, matches: () => true };

async function shown(file: string, wanted: Partial<Wanted>): Promise<string[]> {
  const lines: string[] = [];
  await linesOfFile(file, { ...all, ...wanted }, (one) => lines.push(one));
  return lines;
}

const [A, B, C] = [line("memory", "a"), line("coda", "b"), line("memory", "c")];

test.each([
  [[], 100, [A, B, C, "not JSON"]],
  [[], 2, [C, "not JSON"]],
  [[], 0, []],
  [["memory"], 100, [A, C]],
  [["memory"], 1, [C]],
  [["memory", "coda"], 100, [A, B, C]],
  [["other"], 100, []],
])("of %j the last %i lines", async (services, last, expected) => {
  expect(await shown(logFile(A, B, C, "not JSON"), { services, last })).toEqual(expected);
});

test("only what matches, and the last ones of that", async () => {
  expect(await shown(logFile(A, B, C), { matches: (one) => one.includes("memory"), last: 1 })).toEqual([C]);
});

test("only what is not older", async () => {
  const [old, young] = [10, 2].map((minutes) =>
    JSON.stringify({ time: new Date(Date.now() - minutes * 60_000).toISOString(), msg: "x" }),
  );
  expect(await shown(logFile(old!, young!, A, "not JSON"), { since: readSince("5m") })).toEqual([young]);
});

test("where there is no log, it is said who writes it", async () => {
  await expect(shown("/nowhere/gateway.log", {})).rejects.toThrow(/^there is no log at .*npx gangway start writes it/);
});

test("a log that is followed goes on, also when the next start begins it anew", async () => {
  const file = logFile(A);
  const lines: string[] = [];
  void linesOfFile(file, { ...all, follow: true }, (one) => lines.push(one)).catch(() => {});
  await vi.waitFor(() => expect(lines).toEqual([A]), 5_000);
  appendFileSync(file, B.slice(0, 5));
  appendFileSync(file, `${B.slice(5)}\n`);
  await vi.waitFor(() => expect(lines).toEqual([A, B]), 5_000);
  writeFileSync(file, `${C}\n`.slice(0, 1));
  writeFileSync(file, `${C}\n`);
  await vi.waitFor(() => expect(lines.at(-1)).toBe(C), 5_000);
});
