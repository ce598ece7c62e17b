/** Growing pauses after failures. They never last for ever, and a failure is forgotten after an hour. */

/** How the pauses of one kind grow. */
export interface Growth {
  /** Failures without a pause. */
  readonly free: number;
  /** Seconds of the longest pause. The first one takes a second, and each is twice as long as the one before. */
  readonly longest: number;
}

interface Failures {
  count: number;
  /** When the last one was (performance.now()). */
  at: number;
}

/** The most keys that are remembered; the one that failed longest ago makes room. */
const MOST = 20_000;

const FORGOTTEN = 3_600_000;

export class Pauses {
  readonly #growth: Growth;
  /** In the order of their last failure. */
  readonly #failures = new Map<string, Failures>();

  constructor(growth: Growth) {
    this.#growth = growth;
  }

  /** Seconds until a key may try again; 0 = now. @param now performance.now() */
  left(key: string, now: number): number {
    const failures = this.#failures.get(key);
    if (failures === undefined || now - failures.at > FORGOTTEN) return 0;
    return Math.max(0, this.#pauseAfter(failures.count) - (now - failures.at) / 1_000);
  }

  /** Counts a try, as a failure until it is taken back. */
  count(key: string, now: number): void {
    const { count = 0, at = now } = this.#failures.get(key) ?? {};
    this.#failures.delete(key);
    this.#failures.set(key, { count: now - at > FORGOTTEN ? 1 : count + 1, at: now });
    if (this.#failures.size > MOST) this.#failures.delete(this.#failures.keys().next().value!);
  }

  /** Takes a try back. */
  takeBack(key: string): void {
    const failures = this.#failures.get(key);
    if (failures !== undefined) failures.count = Math.max(0, failures.count - 1);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  #pauseAfter(count: number): number {
    const { free, longest } = this.#growth;
    return count < free ? 0 : Math.min(longest, 2 ** Math.min(count - free, 30));
  }
}
