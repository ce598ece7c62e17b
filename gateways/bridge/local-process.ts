/** A stdio server as a child of ours, in a process group of its own that is ended as a whole. */
import { spawn, type ChildProcess } from "node:child_process";
import { groupEnded, groupLives, groupStarted, signalGroup } from "./process-groups.ts";
import { endGroup, type ServerProcess } from "./server-process.ts";

/** What to start. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** All of its variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
}

/** @throws what Node throws for what it does not expect of a command: ENOTDIR, E2BIG, a NUL in an argument */
export function startLocally({ command, args, env, cwd }: Program): ServerProcess {
  return new LocalProcess(
    spawn(command, args, {
      env,
      cwd,
      detached: process.platform !== "win32", // a group of its own, so that npx, shells and their children end together
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    }),
  );
}

class LocalProcess implements ServerProcess {
  readonly #child: ChildProcess;
  readonly on: ServerProcess["on"];
  readonly once: ServerProcess["once"];

  constructor(child: ChildProcess) {
    this.#child = child;
    this.on = child.on.bind(child);
    this.once = child.once.bind(child);
    if (child.pid !== undefined) groupStarted(child.pid);
  }

  get pid() {
    return this.#child.pid;
  }

  get stdin() {
    return this.#child.stdin;
  }

  get stdout() {
    return this.#child.stdout;
  }

  get stderr() {
    return this.#child.stderr;
  }

  get hasExited() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async end(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    await endGroup({ signal: (signal) => void signalGroup(pid, signal), lives: () => groupLives(pid) }, this);
    groupEnded(pid);
  }
}
