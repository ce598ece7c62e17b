/** Waiting for something that can only be asked for. */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again until the answer is yes.
 * @param ms how long to go on asking
 * @param every the pause between two questions, in milliseconds
 * @returns false when the time is up
 */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, ms: number, every = 50): Promise<boolean> {
  const end = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > end) return false;
    await sleep(every);
  }
  return true;
}
