import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { project } from "../../../stacks/project.ts";
import { clients } from "../../../templates/clients/clients.ts";
import type { SnippetClient } from "../../../templates/clients/format.ts";
import { isProgram } from "../../../templates/clients/render.ts";
import { tell } from "../../kit/print.ts";
import { scratchFolder } from "../../kit/folder.ts";
import { type Gateway, installed, startGateway } from "./gateway.ts";
import { memory } from "./servers.ts";

// The programs that `npx gangway clients` prints, run as they are printed, from this folder with its packages.

const python = join(project, ".gangway/python/bin/python");
const hasPython = spawnSync(python, ["-c", "from mcp import Client"]).status === 0;
if (!hasPython)
  tell("programs: Python's is skipped: python3 -m venv .gangway/python && .gangway/python/bin/pip install mcp==2.3.0");

const runners: Readonly<Record<SnippetClient["kind"], (text: string) => readonly [string, ...string[]]>> = {
  sh: (text) => ["sh", "-c", text],
  python: (text) => [python, "-c", text],
  typescript: (text) => [process.execPath, "--input-type=module-typescript", "--eval", text],
};

const run = promisify(execFile);

const programs = clients.filter(isProgram).filter(({ kind }) => kind !== "python" || hasPython);

const VARIABLE = "GANGWAY_TOKEN_MEMORY";

describe.skipIf(!installed).each([
  ["without a token", undefined],
  ["with a token", randomBytes(32).toString("hex")],
])("%s", (_, token) => {
  const folder = scratchFolder("programs");
  let gateway: Gateway;

  beforeAll(async () => {
    const { command, options } = memory(folder.path);
    gateway = await startGateway(command, token === undefined ? options : [...options, "--token", token]);
  });
  afterAll(async () => {
    await gateway?.stop();
    folder.remove();
  });

  test.each(programs)("$title lists the tools", async ({ kind, text }) => {
    const target = { name: "memory", url: gateway.url, ...(token && { token: { variable: VARIABLE } }) };
    const [program, ...args] = runners[kind](text(target));
    const env = { PATH: process.env["PATH"], HOME: folder.path, [VARIABLE]: token };
    const { stdout } = await run(program, args, { env, cwd: import.meta.dirname });
    expect(stdout).toContain("read_graph");
  });
});
