/** Runs the machine's npm, without a shell and on our own Node. */
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { project } from "../../stacks/project.ts";
import { onPath } from "./on-path.ts";

/** Flags of every install: no install scripts, no registry addresses in lockfiles, no chatter. */
const ofInstalls = [
  "--ignore-scripts",
  "--omit-lockfile-registry-resolved",
  "--package-lock=true",
  "--omit=dev",
  "--prefer-offline",
  "--no-audit",
  "--no-fund",
];

/** Flags of every call. */
const flags = [
  "--no-update-notifier",
  "--no-progress",
  // Without a network npm would try for minutes before it says so.
  "--fetch-retries=1",
  "--fetch-retry-mintimeout=1000",
  // `npm start --silent` would reach this npm through the environment and hide what went wrong.
  "--loglevel=error",
];

/** `npm ci` or `npm install` in a folder; "lock" is an install that writes the lockfile alone. */
export type RunNpm = (verb: "ci" | "install" | "lock", cwd: string) => Promise<void>;

/**
 * Makes the npm that runs `npm start` ours too, or else the one on the PATH.
 * @throws Error with npm's message, when it is run
 */
export function npmRunner(npmProgram: string | undefined, signal: AbortSignal): RunNpm {
  const npm = npmProgram ?? npmOnPath();
  return async (verb, cwd) => {
    const words = verb === "lock" ? ["install", "--package-lock-only"] : [verb];
    await run([npm, ...words, ...ofInstalls, ...flags], cwd, signal);
  };
}

/** What `npm view <spec> <fields> --json` prints. @throws Error with npm's message */
export async function npmView(
  npmProgram: string | undefined,
  [spec, ...fields]: readonly [spec: string, ...fields: string[]],
  signal: AbortSignal,
): Promise<unknown> {
  const args = [npmProgram ?? npmOnPath(), "view", spec, ...fields, "--json", ...flags];
  const printed = await run(args, project, signal);
  return printed.trim() === "" ? undefined : JSON.parse(printed);
}

async function run(args: readonly string[], cwd: string, signal: AbortSignal): Promise<string> {
  const child = spawn(process.execPath, args, { cwd, signal, stdio: ["ignore", "pipe", "pipe"] });
  const exit = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [printed, said] = [text(child.stdout), text(child.stderr)];
  if ((await exit) === 0) return printed;
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
