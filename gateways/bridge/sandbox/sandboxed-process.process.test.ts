/** A process in a sandbox starts, ends and fails like any other. */
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lives, until } from "../../fixtures/harness.ts";
import type { ServerProcess } from "../server-process.ts";
import { findSandbox, type Bubblewrap } from "./find-sandbox.ts";
import { type Confined, startInSandbox } from "./sandboxed-process.ts";

const found = findSandbox();
const folder = mkdtempSync(join(tmpdir(), "sandboxed-"));
const script = (name: string, text: string, mode = 0o755) => {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
};

beforeAll(() => {
  script("no-interpreter", "#!/no/such/interpreter\n");
  script("not-executable", "#!/bin/sh\n", 0o644);
});
afterAll(() => rmSync(folder, { recursive: true }));

function startProgram(command: string, args: readonly string[] = [], own: Partial<Confined> = {}): ServerProcess {
  const env = { PATH: process.env["PATH"]! };
  const view = { named: [], hidden: [], isFetched: false, hasNetwork: true };
  return startInSandbox(found as Bubblewrap, { command, args, env, cwd: folder, ...view, ...own });
}

const sh = (text: string, own?: Partial<Confined>) => startProgram("sh", ["-c", text], own);

/** How it ends: exit code and signal, or the code of its error. */
async function endOf(start: () => ServerProcess): Promise<unknown> {
  try {
    const program = start();
    return await new Promise((resolve) => {
      program.on("exit", (code, signal) => resolve(signal ?? code));
      program.on("error", ({ code }) => resolve(code));
    });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

describe.skipIf(!("program" in found))("in a sandbox", () => {
  test.for<[what: string, start: () => ServerProcess, end: unknown]>([
    ["an exit code", () => sh("exit 7"), 7],
    ["no failure", () => sh("exit 0"), 0],
    ["a signal that it sends itself", () => sh("kill -KILL $$"), "SIGKILL"],
    ["a command that is not there", () => startProgram("no-such-command"), "ENOENT"],
    ["a file that is not there", () => startProgram("./no-such-file"), "ENOENT"],
    ["a file that may not be executed", () => startProgram("./not-executable"), "EACCES"],
    ["a folder", () => startProgram(folder), "EACCES"],
    ["an interpreter that is not there", () => startProgram("./no-interpreter"), "ENOENT"],
    ["a folder that is not there", () => sh("exit 0", { cwd: join(folder, "none") }), "ENOENT"],
  ])("%s is told", async ([, start, end]) => {
    expect(await endOf(start)).toBe(end);
  });

  test("its output is read to the end before it is closed", async () => {
    const program = sh("seq 20000");
    let text = "";
    program.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await once(program as never, "close");
    expect(text.trimEnd().split("\n")).toHaveLength(20_000);
  });

  test("SIGTERM reaches the server, which may still say something", async () => {
    const program = sh("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    let text = "";
    program.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const ended = endOf(() => program);
    await until("it is ready", () => text.includes("ready"));
    await program.end();
    expect(await ended).toBe(3);
    expect(text).toContain("bye");
  });

  test("what ignores SIGTERM, and what has left its group, is gone when it has been ended", async () => {
    const program = sh("trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 60' & echo ready; wait");
    await once(program.stdout!, "data");
    await program.end();
    expect(lives(program.pid!)).toBe(false);
  });
});
