/** Polling. */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until a condition holds.
 * @param ms how long to wait at most
 * @param every milliseconds between two checks
 * @returns false when the time is up
 */
export async function waitUntil(holds: () => boolean | Promise<boolean>, ms: number, every = 50): Promise<boolean> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) return false;
    await sleep(every);
  }
  return true;
}
