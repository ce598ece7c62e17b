import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { scratchFolder } from "./folder.ts";
import { claim, whoRuns } from "./running.ts";

const hub = "http://127.0.0.1:3000";
const mine = { pid: process.pid, hub };

let file: string;
beforeEach(() => {
  const { path, remove } = scratchFolder("running");
  file = join(path, ".gangway", "running.json");
  return remove;
});

const programs = [
  "scripts/gangway.ts",
  "node_modules/.bin/gangway",
  "node_modules/.bin/gangway-mcp",
  "dist/scripts/gangway.js",
];

test.each(programs)("a second start names the first one (%s), and how to stop it", async (program) => {
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", program, "start", "memory"]);
  claim(file, { pid: other.pid ?? 0, hub });
  const expected = `it runs already: pid ${other.pid}, ${hub}. Stop it with Ctrl-C there, or: kill ${other.pid}`;
  expect(() => claim(file, mine)).toThrow(expected);
  other.kill("SIGKILL");
  await once(other, "exit");
  expect(whoRuns(file)).toBeUndefined();
  expect(() => claim(file, mine)).not.toThrow();
});

test("a truncated file does not claim the folder", () => {
  claim(file, mine).release();
  writeFileSync(file, '{"pid":');
  expect(() => claim(file, mine)).not.toThrow();
});

test("a pid that another program has by now does not claim the folder", ({ skip }) => {
  if (!existsSync("/proc/self/cmdline")) skip("command lines are not shown here");
  claim(file, mine); // this is no npm start
  expect(whoRuns(file)).toBeUndefined();
});

test("release gives the folder back", () => {
  claim(file, mine).release();
  expect(existsSync(file)).toBe(false);
});

test.each(["0", "-1", '"1"', "1.5", "null"])("a pid of %s is nobody's, and no message tells to kill it", (pid) => {
  claim(file, mine).release();
  writeFileSync(file, `{"pid":${pid},"hub":"${hub}"}`);
  expect(whoRuns(file)).toBeUndefined();
});

test("whatever has taken the file's name claims nothing", () => {
  mkdirSync(file, { recursive: true });
  expect(() => claim(file, mine)).not.toThrow();
});
