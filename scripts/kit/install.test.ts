import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { install, isInstalled } from "./install.ts";
import type { RunNpm } from "./npm.ts";

const spec = "@scope/pkg@1.2.3";
const lockText = '{ "lockfileVersion": 3 }';

let cache: { servers: string; locks: string };
let calls: string[];

/** An npm that does what the real one would, without a registry. */
const npm: RunNpm = async (verb, cwd) => {
  calls.push(verb);
  const root = join(cwd, "node_modules", "@scope", "pkg");
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "@scope/pkg", bin: { server: "dist/main.js" } }));
  if (verb === "install") writeFileSync(join(cwd, "package-lock.json"), lockText);
};

const failing: RunNpm = async (_verb, cwd) => {
  writeFileSync(join(cwd, "half"), "");
  throw new Error("npm ci failed: no network");
};

const lockFile = () => join(cache.locks, "@scope+pkg@1.2.3.json");
const home = () => join(cache.servers, "@scope+pkg@1.2.3");

function commitLock(text: string): void {
  mkdirSync(cache.locks, { recursive: true });
  writeFileSync(lockFile(), text);
}

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "gangway-install-"));
  cache = { servers: join(folder, "servers"), locks: join(folder, "locks") };
  calls = [];
});

test("a package without a lockfile gets one, to be committed", async () => {
  const installed = await install(spec, () => npm, cache);
  expect(installed).toEqual({ bin: join(home(), "node_modules/@scope/pkg/dist/main.js"), newLock: lockFile() });
  expect([calls, readFileSync(lockFile(), "utf8")]).toEqual([["install"], lockText]);
});

test("a package with a lockfile is installed by it", async () => {
  commitLock(lockText);
  expect(await install(spec, () => npm, cache)).not.toHaveProperty("newLock");
  expect([calls, readFileSync(join(home(), "package-lock.json"), "utf8")]).toEqual([["ci"], lockText]);
});

test("what is installed is not installed again, and npm is not even looked for", async () => {
  await install(spec, () => npm, cache);
  await install(spec, () => expect.unreachable(), cache);
  expect(calls).toHaveLength(1);
});

test("a half install is done again from nothing", async () => {
  commitLock(lockText);
  await expect(install(spec, () => failing, cache)).rejects.toThrow("no network");
  expect(isInstalled(spec, cache)).toBe(false);
  await install(spec, () => npm, cache);
  expect([isInstalled(spec, cache), existsSync(join(home(), "half"))]).toEqual([true, false]);
});

test("another lockfile means another install", async () => {
  commitLock(lockText);
  await install(spec, () => npm, cache);
  commitLock('{ "lockfileVersion": 3, "changed": true }');
  expect(isInstalled(spec, cache)).toBe(false);
});

test("a package whose files were deleted is not installed", async () => {
  await install(spec, () => npm, cache);
  rmSync(join(home(), "node_modules"), { recursive: true });
  expect(isInstalled(spec, cache)).toBe(false);
});
