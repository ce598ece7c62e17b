import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePrivateFolder } from "./private-files.ts";
import { openReplica } from "./replica.ts";

const options = { service: "memory", requestTimeout: 1_000, serial: true } as const;
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const modesIn = (folder: string) =>
  Object.fromEntries([".", ...readdirSync(folder)].map((name) => [name, modeOf(join(folder, name))]));
const newFolder = () => join(mkdtempSync(join(tmpdir(), "private-")), "state");

const PRIVATE = {
  ".": "700",
  "memory.executor.sqlite": "600",
  "memory.executor.sqlite-journal": "600",
  "memory.secret": "600",
  "memory.sqlite": "600",
  "memory.sqlite-shm": "600",
  "memory.sqlite-wal": "600",
};

test("a new state folder and every file in it are this user's alone", async () => {
  const stateDir = newFolder();
  const replica = openReplica(undefined, { ...options, stateDir });
  expect(modesIn(stateDir)).toEqual(PRIVATE);
  await replica?.close();
});

test.each(["000", "077", "277"])("so they are with the umask %s", (mask) => {
  const stateDir = newFolder();
  // The umask is the process's, and a worker thread cannot set it.
  const open = `process.umask(0o${mask});
    const { openReplica } = await import(${JSON.stringify(join(import.meta.dirname, "replica.ts"))});
    openReplica(undefined, ${JSON.stringify({ ...options, stateDir })});`;
  mkdirSync(join(stateDir, ".."), { recursive: true });
  execFileSync(process.execPath, ["--input-type=module", "-e", open], { stdio: "pipe" });
  const modes = Object.entries(modesIn(stateDir));
  expect(modes.filter(([name, mode]) => PRIVATE[name as keyof typeof PRIVATE] !== mode)).toEqual([]);
});

test("what an earlier gateway has left open to others is closed, with its sessions in it", async () => {
  const stateDir = newFolder();
  const first = openReplica(undefined, { ...options, stateDir });
  await first?.store?.setLockHolder("here");
  for (const [name] of Object.entries(modesIn(stateDir))) chmodSync(join(stateDir, name), name === "." ? 0o755 : 0o644);
  const second = openReplica(undefined, { ...options, stateDir, serial: false });
  const closedLater = { "memory.executor.sqlite": "644", "memory.executor.sqlite-journal": "644" };
  expect(modesIn(stateDir)).toEqual({ ...PRIVATE, ...closedLater });
  expect(await second?.store?.lockHolder()).toBe("here");
  await first?.close();
  await second?.close();
});

test("a folder that holds other things keeps its mode", () => {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, "notes.txt"), "");
  chmodSync(folder, 0o755);
  makePrivateFolder(folder);
  expect(modeOf(folder)).toBe("755");
});
