/** A stdio server as a child of ours, in a process group of its own that is ended as a whole. */
import { spawn, type ChildProcess } from "node:child_process";
import type { EventEmitter } from "node:events";
import { groupEnded, groupLives, groupStarted, signalGroup } from "./process-groups.ts";
import { endGroup, type ProcessGroup, type ServerProcess } from "./server-process.ts";

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

/** A child process and its group, whatever runs in it. */
export abstract class ChildOfOurs implements ServerProcess {
  protected readonly child: ChildProcess;
  abstract readonly hasExited: boolean;
  readonly on: ServerProcess["on"];
  readonly once: ServerProcess["once"];

  /** @param events those of the child, or what is made of them */
  constructor(child: ChildProcess, events: EventEmitter = child) {
    this.child = child;
    this.on = events.on.bind(events);
    this.once = events.once.bind(events);
    if (child.pid !== undefined) groupStarted(child.pid);
  }

  get pid() {
    return this.child.pid;
  }

  get stdin() {
    return this.child.stdin;
  }

  get stdout() {
    return this.child.stdout;
  }

  get stderr() {
    return this.child.stderr;
  }

  async end(): Promise<void> {
    const { pid } = this.child;
    if (pid === undefined) return;
    await endGroup(this.group(pid), this);
    groupEnded(pid);
  }

  /** What ends with it. */
  protected abstract group(pid: number): ProcessGroup;
}

class LocalProcess extends ChildOfOurs {
  get hasExited() {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  protected group(pid: number): ProcessGroup {
    return { signal: (signal) => void signalGroup(pid, signal), lives: () => groupLives(pid) };
  }
}
