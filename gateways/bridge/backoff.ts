/** How long to wait before a failed server is started again. */

const FIRST_PAUSE = 100;
const MAX_PAUSE = 30_000;
/** After working for this long a server counts as sound, and the pauses begin again at the first. */
const STABLE_AFTER = 10_000;

/** Callers wait this long, in milliseconds, for a delayed start. A longer delay is refused with Retry-After. */
export const MAX_START_DELAY = 2_000;

/** Doubles the pause with every failure in a row, from 100 ms to 30 s. All times are in milliseconds. */
export class Backoff {
  #failures = 0;
  #until = 0;
  #worksSince: number | undefined;

  /** Failures within one pause count once: starts that run side by side fail for the same reason. */
  failed(now = performance.now()): void {
    if (now < this.#until) return;
    if (this.#worksSince !== undefined && now - this.#worksSince >= STABLE_AFTER) this.#failures = 0;
    this.#worksSince = undefined;
    this.#until = now + Math.min(FIRST_PAUSE * 2 ** this.#failures, MAX_PAUSE);
    this.#failures++;
  }

  succeeded(now = performance.now()): void {
    this.#worksSince ??= now;
    this.#until = 0;
  }

  /** Whether the last try failed. */
  get failing(): boolean {
    return this.#failures > 0 && this.#worksSince === undefined;
  }

  /** Milliseconds until the next try is due; 0 when it is now. */
  remaining(now = performance.now()): number {
    return Math.max(0, this.#until - now);
  }
}
