/** Runs the machine's uv, which locks and installs packages from PyPI. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { onPath } from "./on-path.ts";

/** Its path. @throws Error where there is none */
export function uvProgram(): string {
  const uv = onPath("uv");
  if (uv === undefined) throw new Error("servers from PyPI need uv: https://docs.astral.sh/uv says how to install it");
  return uv;
}

/** The oldest Python of the images that servers from PyPI run in. */
const PYTHON = "3.11";

/**
 * The lockfile of a package and of everything that it needs, with hashes, for every platform.
 * @param spec with or without its version: then it is the newest
 * @throws Error with uv's message
 */
export function lockPypi(spec: string, signal: AbortSignal): Promise<string> {
  const flags = [
    "--universal",
    "--python-version",
    PYTHON,
    "--generate-hashes",
    "--no-header",
    "--no-build",
    "--no-annotate",
  ];
  return uv(["pip", "compile", "--quiet", ...flags, "-"], signal, `${spec}\n`);
}

/** Installs what a lockfile says, wheels alone, into a folder of its own. @throws Error with uv's message */
export async function installPypi(lock: string, venv: string, signal: AbortSignal): Promise<void> {
  await uv(["venv", "--quiet", venv], signal);
  await uv(["pip", "install", "--quiet", "--python", venv, "--require-hashes", "--no-build", "-r", "-"], signal, lock);
}

async function uv(words: readonly string[], signal: AbortSignal, input = ""): Promise<string> {
  const child = spawn(uvProgram(), words, { signal, stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
  const exit = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  child.stdin.on("error", () => {}).end(input); // it may end before it has read everything
  const [printed, said] = [text(child.stdout), text(child.stderr)];
  if ((await exit) === 0) return printed;
  throw new Error(`uv failed: ${reasonOf(await said)}`);
}

/** What went wrong, without uv's drawing. */
export function reasonOf(said: string): string {
  const lines = said.split("\n").map((line) => line.replace(/^\s*(error:|[×╰│├─▶·]+)\s*/i, "").trim());
  return lines.filter(Boolean).slice(0, 4).join(" ") || "it gave no reason";
}
