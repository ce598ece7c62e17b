/** How long to wait before a server that failed is started again. Touches nothing. */

const FIRST = 100;
const LONGEST = 30_000;
/** What has worked for this long was not broken: the next failure is a first one again. */
const STABLE = 10_000;

/** A start that is held back for longer than this many milliseconds is not waited for, but refused with Retry-After. */
export const PATIENCE = 2_000;

/** Doubles the pause with every failure in a row, from 100 ms to 30 s. All times are in milliseconds. */
export class Backoff {
  #failures = 0;
  #until = 0;
  /** Since when it has worked. */
  #works: number | undefined;

  /** Failures within a pause are one: several starts at once fail for one reason. */
  failed(now = performance.now()): void {
    if (now < this.#until) return;
    if (this.#works !== undefined && now - this.#works >= STABLE) this.#failures = 0;
    this.#works = undefined;
    this.#until = now + Math.min(FIRST * 2 ** this.#failures, LONGEST);
    this.#failures++;
  }

  succeeded(now = performance.now()): void {
    this.#works ??= now;
    this.#until = 0;
  }

  /** Whether the last try failed. */
  get failing(): boolean {
    return this.#failures > 0 && this.#works === undefined;
  }

  /** Milliseconds until the next try is due; 0 when it is now. */
  remaining(now = performance.now()): number {
    return Math.max(0, this.#until - now);
  }
}
