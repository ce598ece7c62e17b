/** Runs a program to its end, without a shell. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";

/** How it ended. */
export interface Ran {
  /** 127, as in a shell, where there is no such program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What it is given besides its words. */
export interface RunOptions {
  readonly cwd?: string;
  /** @default - our own */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads from its standard input. @default - nothing */
  readonly input?: string | undefined;
}

/** The exit code is the caller's to look at: nothing is thrown for it. */
export async function run([program = "", ...args]: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input, ...place } = options;
  const stdin = input === undefined ? "ignore" : "pipe";
  const child = spawn(program, args, { ...place, stdio: [stdin, "pipe", "pipe"], windowsHide: true }) as Child;
  child.stdin?.on("error", () => {}).end(input); // the exit code tells what happened
  const ended = new Promise<number | Error>((resolve) =>
    child.once("error", resolve).once("close", (code, signal) => resolve(code ?? (signal === null ? 1 : 130))),
  );
  const [end, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return typeof end === "number"
    ? { code: end, stdout, stderr }
    : { code: 127, stdout, stderr: `${program} cannot be run` };
}

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

/** The same of a program that must succeed. @returns its standard output @throws Error with its standard error */
export async function runWell(words: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(words, options);
  if (code === 0) return stdout;
  throw new Error(stderr.trim() || `${words[0]} ended with exit code ${code}`);
}
