/** Asks Docker again: a broken connection to the droplet says nothing about what was asked. */
import { setTimeout as sleep } from "node:timers/promises";

/** How often something is tried. */
const TRIES = 4;

/** Whether Docker itself has answered, and would say the same again. */
export const isRefusal = ({ message }: Error): boolean =>
  /Error response from daemon|No such (container|object)/.test(message);

/**
 * @param pause milliseconds before each further try
 * @throws Error the last one, or the first that is Docker's own
 */
export async function tryAgain<T>(work: () => Promise<T>, pause = 2_000): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (tried === TRIES || isRefusal(error as Error)) throw error;
      await sleep(pause);
    }
  }
}
