/** A program that runs until it ends, or until we have seen enough. */
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";

/** Milliseconds that it has to print what we wait for, and to end: a busy machine is slow. */
const PATIENCE = 60_000;

export class Program {
  /** Resolves with the exit code or the signal; with -1 when it could not be started. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Both streams, interleaved. */
  output = "";
  readonly #child: ChildProcess;

  /** @param input its standard input @default - none */
  constructor(program: string, args: readonly string[], options: Pick<SpawnOptions, "cwd" | "env">, input?: string) {
    this.#child = spawn(program, args, {
      ...options,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    this.#child.stdin?.on("error", () => {}).end(input); // its exit code tells what happened
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.output += error.message;
        resolve(-1);
      });
      this.#child.once("close", (code, signal) => resolve(code ?? signal!));
    });
  }

  /** @throws Error when it could not be started */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`the program was not started: ${this.output}`);
    return this.#child.pid;
  }

  /** Waits for it to print something. @throws Error with all that it printed, when it ends first or takes too long */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const tooLate = Date.now() + PATIENCE;
    let hasEnded = false;
    void this.ended.then(() => (hasEnded = true));
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (hasEnded || Date.now() > tooLate) throw new Error(`expected ${pattern}, got:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Does the work while it runs, and ends it. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#child.kill("SIGTERM");
      const killing = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE);
      await this.ended;
      clearTimeout(killing);
    }
  }
}
