/** Installs the peers at their pinned versions. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { npmCi } from "../../kit/npm-ci.ts";
import { benchFolder } from "./targets.ts";

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Runs `npm ci` in scripts/lab/bench when a peer is missing or of another version than its package.json pins. */
export function ensurePeers(say: (line: string) => void): void {
  const stale = Object.entries(manifest(".").dependencies).filter(([name, version]) => installed(name) !== version);
  if (stale.length === 0) return;
  say(`installing ${stale.map((entry) => entry.join(" ")).join(", ")} into scripts/lab/bench (npm ci)`);
  if (!npmCi(benchFolder)) say("npm ci failed: the peers are left out");
}

const manifest = (folder: string) =>
  JSON.parse(readFileSync(join(benchFolder, folder, "package.json"), "utf8")) as Manifest;

function installed(name: string): string | undefined {
  const folder = join("node_modules", name);
  return existsSync(join(benchFolder, folder, "package.json")) ? manifest(folder).version : undefined;
}
