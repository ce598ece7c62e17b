/**
 * Around each test file: a temporary folder of its own as TMPDIR, which is removed when its tests are done. Processes that then
 * still run fail the file.
 */
import { afterAll } from "vitest";
import { endProcesses, makeFolder, removeFolder } from "../gateways/fixtures/leftovers.ts";

/** How long processes that were told to end may take, in milliseconds. The machine may be loaded. */
const END_TIMEOUT = 10_000;

const folderOfRun = process.env["TMPDIR"];
const folder = makeFolder("file-");
process.env["TMPDIR"] = folder;

afterAll(async () => {
  const left = await endProcesses(folder, END_TIMEOUT);
  removeFolder(folder);
  process.env["TMPDIR"] = folderOfRun;
  if (left.length === 0) return;
  const lines = left.map(({ pid, command }) => `  ${pid} ${command}`);
  throw new Error(["These processes still ran after the tests, and were killed:", ...lines].join("\n"));
});
