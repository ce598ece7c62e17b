/**
 * Around a test run: a temporary folder for everything that happens in it. Each test file cleans up after itself (test-file.ts);
 * what one leaves whose worker was killed is removed, and named, here.
 */
import { readdirSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { endProcesses, makeFolder, removeFolder } from "../gateways/fixtures/leftovers.ts";

const PREFIX = "gangway-tests-";

/** How long processes may take to end, in milliseconds. */
const END_TIMEOUT = 2_000;

export default async function setUp(): Promise<() => Promise<void>> {
  await removeKilledRuns();
  const folder = makeFolder(`${PREFIX}${process.pid}-`);
  process.env["TMPDIR"] = folder;
  return () => tearDown(folder);
}

async function tearDown(folder: string): Promise<void> {
  const names = readdirSync(folder);
  const processes = await Promise.all(names.map((name) => endProcesses(join(folder, name), END_TIMEOUT)));
  const filled = names.filter((name) => isFilled(join(folder, name)));
  removeFolder(folder);
  const left = [...filled, ...processes.flat().map(({ pid, command }) => `${pid} ${command}`)];
  if (left.length === 0) return;
  console.error(["", "The tests have left behind, and it is removed now:", ...left].join("\n  "));
  process.exitCode = 1;
}

/** The folder of a file whose tests are all skipped is never removed, and empty. */
const isFilled = (path: string) => !statSync(path).isDirectory() || readdirSync(path).length > 0;

/** A run that was killed could not remove anything: its folder has its process id in its name. */
async function removeKilledRuns(): Promise<void> {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of names.filter((each) => !lives(Number(each.slice(PREFIX.length).split("-")[0])))) {
    const folder = join(tmpdir(), name);
    if (statSync(folder, { throwIfNoEntry: false })?.uid !== userInfo().uid) continue;
    await endProcesses(folder);
    removeFolder(folder);
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
