/** The process of a stdio server, wherever it runs. */
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** What is known of a process, and what can be done to it. Its events are those of Node's ChildProcess. */
export interface ServerProcess {
  /** undefined = it has not been started. */
  readonly pid: number | undefined;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Whether it is known how it ended. */
  readonly hasExited: boolean;
  /** It could not be started. */
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
  on(event: "exit", listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  /** It has ended, and its output has been read. */
  once(event: "close", listener: () => void): unknown;
  /** Ends it with everything that it has started. Resolves when that is gone. */
  end(): Promise<void>;
}

/** A process and what it has started. */
export interface ProcessGroup {
  signal(signal: "SIGTERM" | "SIGKILL"): void;
  lives(): boolean;
}

/** Milliseconds between SIGTERM and SIGKILL. */
const KILL_DELAY = 3_000;

/** Closes its input and sends SIGTERM, then SIGKILL to what is still alive. */
export async function endGroup(group: ProcessGroup, { stdin, stdout, stderr }: ServerProcess): Promise<void> {
  stdin?.end();
  group.signal("SIGTERM");
  for (let waited = 0, pause = 5; waited < KILL_DELAY; waited += pause, pause = Math.min(pause * 2, 100)) {
    if (!group.lives()) return;
    await sleep(pause);
  }
  group.signal("SIGKILL");
  for (let tries = 0; tries < 50 && group.lives(); tries++) await sleep(20);
  stdout?.destroy();
  stderr?.destroy();
}

/** The name of a signal; undefined = there is none of that number. */
export const signalNamed = (number: number): NodeJS.Signals | undefined =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] as NodeJS.Signals | undefined;
