/** What the process itself costs. */
import { statfs } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { promisify } from "node:util";

/** Not that of node:fs/promises, which an idle gateway would have in memory for this alone. */
const diskOf = promisify(statfs);

/** Milliseconds between two looks at the event loop: each costs some microseconds. */
const RESOLUTION = 20;

/** How the process is at this moment. */
export interface Reading {
  /** Seconds: all but one of a hundred turns of the event loop, since it was read last, were late by no more. */
  readonly lag: number;
  readonly cpuSeconds: number;
  readonly memory: number;
  /** Seconds since 1970. */
  readonly started: number;
  /** Bytes of the disk that the state is on; undefined = nobody knows. */
  readonly disk: { readonly size: number; readonly free: number } | undefined;
}

/** Watches the process from `start` to `stop`. */
export class Runtime {
  readonly #folder: string;
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined;

  /** @param folder one on the disk that must not fill up */
  constructor(folder: string) {
    this.#folder = folder;
  }

  start(): void {
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION });
    this.#delay.enable();
  }

  stop(): void {
    this.#delay?.disable();
  }

  async read(): Promise<Reading> {
    const late = (this.#delay?.percentile(99) ?? 0) / 1e9 - RESOLUTION / 1e3;
    this.#delay?.reset();
    const { user, system } = process.cpuUsage();
    const disk = await diskOf(this.#folder).catch(() => undefined);
    return {
      lag: Math.max(0, late),
      cpuSeconds: (user + system) / 1e6,
      memory: process.memoryUsage.rss(),
      started: performance.timeOrigin / 1e3,
      disk: disk && { size: disk.blocks * disk.bsize, free: disk.bavail * disk.bsize },
    };
  }
}
