/** Shows the progress: one line that is overwritten on a terminal, a plain line now and then elsewhere. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Traffic } from "./traffic.ts";

const OFTEN = 2_000;
const SELDOM = 30_000;

export class Progress {
  readonly #traffic: readonly Traffic[];
  readonly #overwrites = process.stderr.isTTY;

  constructor(traffic: readonly Traffic[]) {
    this.#traffic = traffic;
  }

  /** Shows the progress until the work is done. @param ms how long it will take, if that is known */
  readonly during = async <T>(title: string, ms: number | undefined, work: () => Promise<T>): Promise<T> => {
    const done = new AbortController();
    const telling = this.#tell(title, ms, done.signal);
    try {
      return await work();
    } finally {
      done.abort();
      await telling;
    }
  };

  async #tell(title: string, ms: number | undefined, signal: AbortSignal): Promise<void> {
    const began = Date.now();
    const whole = ms === undefined ? "" : ` of ${clock(ms)}`;
    do this.#write(`${title} ${clock(Date.now() - began)}${whole}: ${this.#state}`);
    while (await sleep(this.#overwrites ? OFTEN : SELDOM, true, { signal }).catch(() => false));
    if (this.#overwrites) process.stderr.write(START_OF_LINE);
  }

  /** All gateways together. */
  get #state(): string {
    const sum = (count: (traffic: Traffic) => number) => this.#traffic.reduce((sum, each) => sum + count(each), 0);
    const wrong = sum(({ tally }) => tally.sum.wrong);
    return [
      `${sum(({ tally }) => tally.sum.ok)} ok`,
      `${sum(({ tally }) => tally.sum.refused)} refused`,
      ...(wrong > 0 ? [`${wrong} WRONG`] : []),
      `${sum(({ gateway }) => gateway.sessions)} sessions`,
      `${sum(({ gateway }) => gateway.processes?.length ?? 0)} servers`,
    ].join(", ");
  }

  #write(line: string): void {
    const width = process.stderr.columns || 80;
    process.stderr.write(this.#overwrites ? START_OF_LINE + line.slice(0, width - 1) : `${line}\n`);
  }
}

/** Moves there, and clears the line. */
const START_OF_LINE = "\r\u001b[2K";

const clock = (ms: number) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, "0")}`;
