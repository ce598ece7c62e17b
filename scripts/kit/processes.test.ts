import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { allProcesses, descendantsOf, endAll, hasProc, isAlive, kill, withVariable } from "./processes.ts";

/** A process with a child; both ignore SIGTERM. */
async function family(variable: string): Promise<number> {
  const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1_000); console.log('up');";
  const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}], { stdio: 'inherit' });`;
  const child = spawn(process.execPath, ["-e", parent + stubborn.replace("console.log('up');", "")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, FAMILY: variable },
  });
  onTestFinished(() => [...descendantsOf(child.pid!).map(({ pid }) => pid), child.pid!].forEach((pid) => kill(pid)));
  await once(child.stdout, "data");
  return child.pid!;
}

test("what a process has started is found, and ended when it does not end by itself", async () => {
  const pid = await family("one");
  const below = descendantsOf(pid);
  expect(below.map(({ parent, args }) => [parent, args.includes("SIGTERM")])).toEqual([[pid, true]]);
  expect(below.every(isAlive)).toBe(true);
  kill(below[0]!.pid, "SIGTERM");
  expect(await endAll(below, 200)).toEqual(below);
  expect(await endAll(below, 5_000)).toEqual([]);
  expect(allProcesses().some((one) => one.pid === below[0]!.pid)).toBe(false);
});

test.skipIf(!hasProc)("processes are found by a variable that they inherited", async () => {
  const mark = `mark-${process.pid}`;
  const pid = await family(mark);
  expect(new Set(withVariable("FAMILY", mark))).toEqual(new Set([pid, descendantsOf(pid)[0]!.pid]));
  expect(withVariable("FAMILY", `${mark}-other`)).toEqual([]);
});

test("a signal for a process that is gone is not an error", () => {
  expect(kill(2 ** 22 + 1)).toBe(false);
});
