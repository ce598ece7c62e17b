/** How long to wait before a server that failed is started again. Touches nothing. */

const FIRST = 100;
const LONGEST = 30_000;

/** Doubles the pause with every failure in a row, from 100 ms to 30 s; a success ends it. */
export class Backoff {
  #failures = 0;
  #until = 0;

  failed(now = performance.now()): void {
    this.#until = now + Math.min(FIRST * 2 ** this.#failures, LONGEST);
    this.#failures++;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#until = 0;
  }

  /** Whether the last try failed. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  /** Milliseconds until the next try is due; 0 when it is now. */
  remaining(now = performance.now()): number {
    return Math.max(0, this.#until - now);
  }
}
