/** What a server has half said is counted once it is long, and waits in the server's own memory while there is none here. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Held } from "../memory-budget.ts";

/** Bytes of a line that has not ended that are not counted: most lines end before. */
export const UNCOUNTED = 256 * 1024;

/** Milliseconds that a server's output waits for memory to become free, and between two looks. */
const MAX_WAIT = 10_000;
const PAUSE = 20;

/** Holds so many bytes as soon as there is memory for them. @throws Error after ten seconds without */
export async function holdWhenFree(held: Held, bytes: number): Promise<void> {
  const deadline = performance.now() + MAX_WAIT;
  while (!holdIfFree(held, bytes)) {
    if (performance.now() > deadline) throw new Error(`no memory is left for what it says, ${bytes} bytes so far`);
    await sleep(PAUSE, undefined, { ref: false });
  }
}

/** Holds so many bytes, if there is memory for them. @returns whether there was */
export const holdIfFree = (held: Held, bytes: number): boolean => held.resize(bytes > UNCOUNTED ? bytes : 0);
