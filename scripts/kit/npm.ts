/** Runs the machine's npm, without a shell and on our own Node. */
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { onPath } from "./on-path.ts";

/** Flags of every install: no install scripts, no registry addresses in lockfiles, no chatter. */
const flags = [
  "--ignore-scripts",
  "--omit-lockfile-registry-resolved",
  "--package-lock=true",
  "--omit=dev",
  "--prefer-offline",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  "--no-progress",
  // Without a network npm would try for minutes before it says so.
  "--fetch-retries=1",
  "--fetch-retry-mintimeout=1000",
  // `npm start --silent` would reach this npm through the environment and hide what went wrong.
  "--loglevel=error",
];

/** `npm ci` or `npm install` in a folder. */
export type RunNpm = (verb: "ci" | "install", cwd: string) => Promise<void>;

/**
 * Makes the npm that runs `npm start` ours too, or else the one on the PATH.
 * @throws Error with npm's message, when it is run
 */
export function npmRunner(npmProgram: string | undefined, signal: AbortSignal): RunNpm {
  const npm = npmProgram ?? npmOnPath();
  return (verb, cwd) => run([npm, verb, ...flags], cwd, signal);
}

async function run(args: readonly string[], cwd: string, signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, args, { cwd, signal, stdio: ["ignore", "ignore", "pipe"] });
  const exit = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const said = text(child.stderr);
  if ((await exit) === 0) return;
  const reason = reasonOf(await said);
  throw new Error(reason.startsWith("no such") ? reason : `npm ${args[1]} failed: ${reason}`);
}

/** npm's complaint, without its line prefixes and the hint at its log. */
export function reasonOf(said: string): string {
  const missing = notFound(said);
  if (missing !== undefined) return `no such npm package: ${missing}`;
  const lines = said.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?(network )?/, "").trim());
  const useful = lines.filter((line) => line && !/^(A complete log|code |errno |syscall )/.test(line));
  return useful.slice(0, 2).join(" ") || lines.filter(Boolean).slice(0, 2).join(" ") || "it gave no reason";
}

/** The package that the registry does not have. npm's sentence about it is not the same in every version. */
function notFound(said: string): string | undefined {
  if (!/\bE404\b|\b404 Not Found\b/.test(said)) return undefined;
  const [, quoted] = /'((?:@[^\s/@']+\/)?[^\s/@']+@[^\s']+)'/.exec(said) ?? [];
  const [, path] = /GET https?:\/\/[^\s/]+\/(?:\S*\/)?((?:@|%40)[^\s/]+(?:%2f|\/)[^\s/]+|[^\s/]+)/i.exec(said) ?? [];
  return quoted ?? (path === undefined ? undefined : decodeURIComponent(path));
}

/** The JavaScript file behind the `npm` on the PATH. */
function npmOnPath(): string {
  const npm = onPath("npm");
  if (npm === undefined) throw new Error("npm is not on the PATH: install it, or start with `npm start`");
  const found = realpathSync(npm);
  return found.endsWith(".js") ? found : join(dirname(found), "node_modules", "npm", "bin", "npm-cli.js");
}
