/** The stdio servers behind the gateways: those of the gateway's own tests. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Setup } from "./setups.ts";

const fileOf = ({ server: [file] }: Setup) => join(import.meta.dirname, "../../../gateways/fixtures", file);

export const hasServer = (setup: Setup) => existsSync(fileOf(setup));

export function serverCommand(setup: Setup): string {
  const [, ...flags] = setup.server;
  return [process.execPath, fileOf(setup), ...flags].map((word) => `'${word}'`).join(" ");
}

/** Where Node keeps the servers' compiled TypeScript: without it a start takes twice the time. */
export const cacheVariable = (folder: string) => `NODE_COMPILE_CACHE=${join(folder, "cache")}`;

/** Runs a server once to its end: a server that is killed, as most are, leaves nothing in the cache. */
export function fillCache(setup: Setup, folder: string): void {
  const [name, value] = cacheVariable(folder).split("=") as [string, string];
  spawnSync(process.execPath, [fileOf(setup)], { input: "", env: { ...process.env, [name]: value } });
}
