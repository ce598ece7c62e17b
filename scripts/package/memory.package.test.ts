/** The memory of the packed gateway while it is idle, beside the least that a server on the same Node takes. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shipped } from "../../stacks/shipped.ts";
import { residentKb } from "../kit/process-figures.ts";
import { pack } from "./pack.ts";
import { packages } from "./packages.ts";
import { Program } from "./program.ts";

/**
 * Measured on Node 24: 47 MB for the bare server, 62 to 64 for the gateway, 1.29 to 1.35 of it. If builtins were imported it would be
 * 1.45, and one of the large ones (tls, fetch) adds 0.07.
 */
const LIMIT = 1.4;

/** Milliseconds after which a server that started is idle. */
const IDLE = 2_000;

const BARE = `require("node:http").createServer().listen(0, "127.0.0.1", () => console.log("listening"));`;

const folder = mkdtempSync(join(tmpdir(), "memory-"));
const bareServer = join(folder, "bare.cjs");
beforeAll(async () => {
  writeFileSync(bareServer, BARE);
  await pack(
    packages.find(({ name }) => name === "gangway-mcp")!,
    folder,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The gateway's files without the rest of the package. @returns the path of its program */
function aloneAsInAnImage(): string {
  const packed = join(folder, "gangway-mcp");
  const gateway = join(folder, "gateway");
  for (const path of ["dist/gateways/main.js", "dist/gateways/chunks", "package.json"])
    cpSync(join(packed, path), join(gateway, path.replace("dist/gateways/", "")), { recursive: true });
  return join(gateway, "main.js");
}

/** The memory of a program that was idle for a while, in KB. */
async function idle(args: readonly string[], ready: RegExp): Promise<number> {
  const program = new Program(process.execPath, args, { cwd: folder, env: { PATH: process.env["PATH"] } });
  return program.during(async () => {
    await program.printed(ready);
    await new Promise((resolve) => setTimeout(resolve, IDLE));
    return residentKb(program.pid)!;
  });
}

/** Of three runs the one with the least: when the collector of garbage runs is chance, and one run more of it is 2 MB. */
async function least(measure: () => Promise<number>): Promise<number> {
  return Math.min(await measure(), await measure(), await measure());
}

test.skipIf(residentKb(process.pid) === undefined)(
  "an idle gateway takes little more memory than a server that does nothing",
  async () => {
    const gateway = aloneAsInAnImage();
    const server = `"${process.execPath}" "${shipped("scripts/package/small-server.mjs")}"`;
    const own = await least(() => idle([gateway, "--stdio", server, "--port", "0"], /http:\S+\/mcp/));
    const bare = await least(() => idle([bareServer], /listening/));
    expect(own / bare, `${own} KB, and ${bare} KB for the bare server`).toBeLessThan(LIMIT);
  },
);
