import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, test, vi } from "vitest";
import { answer, nothing } from "./fixtures/fake-engine.ts";
import type { HostEngine } from "./host.ts";
import { LONGEST, lockOn, releaseLock, takeLock, whyAbandoned } from "./lock.ts";
import { Interrupted, onRecord } from "./on-record.ts";
import { readHistory } from "./records.ts";
import { thisMachine } from "./who.ts";

const task = { action: "deploy", stack: "local", deployment: "local-01234567" } as const;
const theirs = { ...task, who: "ada@example.org", from: "laptop", machine: "laptop", pid: 4711 };

const nowhere = async () => undefined;

const failing = (error: Error) => async () => {
  throw error;
};

const silent: HostEngine = () => Promise.reject(new Error("ssh: connect to host 192.0.2.1: timed out"));

let host: HostEngine;
beforeEach(() => {
  const kept = nothing();
  host = async (words, input) => {
    await sleep(1); // others have their turn
    return answer(kept, words, input);
  };
});

test("one is at work at a time; the others are told who, and everything that was done is written down", async () => {
  let atWork = 0;
  const work = async () => {
    atWork += 1;
    expect(atWork).toBe(1);
    expect(await lockOn(host)).toMatchObject({ ...task, pid: process.pid });
    atWork -= 1;
  };
  const ended = await Promise.allSettled(Array.from({ length: 8 }, () => onRecord(task, { host }, work)));
  const refused = ended.filter((one) => one.status === "rejected").map(({ reason }) => (reason as Error).message);
  for (const message of refused) expect(message).toMatch(/has been deploying local from .* npx gangway unlock local$/);
  expect((await readHistory(host)).map(({ result }) => result)).toEqual(
    Array.from({ length: 8 - refused.length }, () => "ok"),
  );
  expect(refused.length).toBeLessThan(8);
  expect(await lockOn(host)).toBeUndefined();
});

test("what fails is written down with the reason, told, and thrown; the lock is given back", async () => {
  const told: unknown[] = [];
  const notify = async (entry: unknown) => void told.push(entry);
  const fail = (error: Error) => onRecord(task, { host, notify }, failing(error));
  await expect(fail(new Error("not everything is up\nand more"))).rejects.toThrow("not everything is up");
  expect(await readHistory(host)).toMatchObject([{ result: "failed", reason: "not everything is up" }]);
  await expect(fail(new Interrupted("interrupted"))).rejects.toThrow("interrupted");
  expect(told).toMatchObject([{ result: "failed" }, { result: "interrupted" }]);
  expect(await lockOn(host)).toBeUndefined();
});

test("a host that goes, and one that comes, is written to where it is afterwards", async () => {
  await onRecord(task, { host: undefined, after: async () => host }, () => Promise.resolve());
  expect(await readHistory(host)).toMatchObject([{ result: "ok" }]);
  await onRecord({ ...task, action: "destroy" }, { host, after: nowhere }, () => Promise.resolve());
  expect(await readHistory(host)).toHaveLength(1);
});

test("a host that does not answer stops what needs it, and not what may bring it back", async () => {
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  let isDone = false;
  const work = async () => void (isDone = true);
  await expect(onRecord(task, { host: silent }, work)).rejects.toThrow("timed out");
  expect(isDone).toBe(false);
  await onRecord(task, { host: silent, mayBeGone: true, after: async () => host }, work);
  expect([isDone, (await readHistory(host)).length]).toEqual([true, 1]);
  await takeLock(host, theirs, () => Promise.resolve());
  await expect(onRecord(task, { host, mayBeGone: true }, work)).rejects.toThrow("ada@example.org has been deploying");
  told.mockRestore();
});

test("a history that cannot be written fails nothing, and is told", async () => {
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  const full: HostEngine = (words, input) =>
    words[0] === "cp" ? Promise.reject(new Error("no space left on device")) : host(words, input);
  await onRecord(task, { host: full }, () => Promise.resolve());
  expect(told.mock.calls).toEqual([["  the history on the host was not written: no space left on device"]]);
  expect(await lockOn(host)).toBeUndefined();
  told.mockRestore();
});

test("the lock of a process of this machine that is gone is taken over, and that is written down", async () => {
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  await takeLock(host, { ...theirs, machine: thisMachine(), pid: gone }, () => Promise.resolve());
  await onRecord(task, { host }, () => Promise.resolve());
  const [, killed] = await readHistory(host);
  expect(killed).toMatchObject({ who: "ada@example.org", result: "killed" });
  expect(killed!.reason).toContain(`its process (pid ${gone} on this machine) is gone; found by`);
  expect(told.mock.calls.flat().join()).toContain("its lock is taken over");
  told.mockRestore();
});

test("a lock is given back by whoever has it, and not by one whose lock was taken away", async () => {
  const first = await takeLock(host, theirs, () => Promise.resolve());
  await releaseLock(host, first);
  await takeLock(host, theirs, () => Promise.resolve());
  await releaseLock(host, first);
  expect(await lockOn(host)).toMatchObject({ who: "ada@example.org" });
});

test("a lock is abandoned when its process is gone, or after hours", () => {
  const mine = { ...theirs, machine: thisMachine(), pid: process.pid };
  expect(whyAbandoned(mine, 5, thisMachine())).toBeUndefined();
  expect(whyAbandoned(theirs, 60 * LONGEST - 1, thisMachine())).toBeUndefined();
  expect(whyAbandoned(theirs, 60 * LONGEST, thisMachine())).toBe("it is older than 2 hours");
});
