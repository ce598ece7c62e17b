/** An npm verb as a process, with everything that it starts: what it prints, and whether it leaves anything behind. */
import type { ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { allProcesses, familyOf, kill, type Process } from "../../kit/processes.ts";
import { waitUntil } from "../../kit/wait.ts";

/** The result of a command that has ended. */
export interface Ended {
  /** Its exit code, or the signal that it died of. */
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An npm verb that runs. */
export class NpmRun {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #project: string;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  /** @param project the folder that it runs in */
  constructor(child: ChildProcessByStdio<null, Readable, Readable>, project: string) {
    this.#child = child;
    this.#project = project;
    child.stdout.setEncoding("utf8").on("data", (more: string) => (this.stdout += more));
    child.stderr.setEncoding("utf8").on("data", (more: string) => (this.stderr += more));
    this.ended = new Promise((resolve) => {
      child.once("close", (code, signal) =>
        resolve({ code: code ?? signal, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The process of the verb's own script. */
  get script(): number | undefined {
    return this.processes().find(({ args }) => args.startsWith("node scripts/"))?.pid;
  }

  /** Waits until it has printed the text. */
  async says(text: string): Promise<void> {
    await waitUntil(() => this.stdout.includes(text) || this.hasEnded, 90_000);
    if (this.stdout.includes(text)) return;
    await this.stop();
    throw new Error(`npm has not said ${JSON.stringify(text)}, but:\n${this.stdout}${this.stderr}`);
  }

  /** npm, its shell, the verb, the gateway, the servers. */
  processes(): Process[] {
    return familyOf(this.pid);
  }

  /** Whether a program is among them. */
  runs(program: string): boolean {
    return this.processes().some(({ args }) => args.includes(program));
  }

  /**
   * Ends it by SIGTERM to npm, or as `send` does.
   * @throws Error naming the processes that are left
   */
  async stop(send: () => void = () => this.#child.kill("SIGTERM")): Promise<void> {
    const family = new Set(this.processes().map(({ pid }) => pid));
    const left = () => allProcesses().filter(({ pid, args }) => family.has(pid) || args.includes(this.#project));
    send();
    if (await waitUntil(() => left().length === 0, 20_000)) return void (await this.ended);
    const remains = left();
    for (const { pid } of remains) kill(pid);
    throw new Error(`npm has left behind:\n${remains.map(({ args }) => args).join("\n")}`);
  }
}
