/** How many calls of tools a service has had in each minute of the last hour. Always as large, and counting costs next to nothing. */

const MINUTES = 60;
const MINUTE = 60_000;

/** The counts of an hour, a number for each minute; the last one is of the minute that is not over. */
export interface HourCounts {
  /** Milliseconds since 1970: when the first of the minutes began. */
  readonly start: number;
  readonly calls: readonly number[];
  readonly errors: readonly number[];
}

/** The calls of one service. */
export class LastHour {
  readonly #calls = new Uint32Array(MINUTES);
  readonly #errors = new Uint32Array(MINUTES);
  /** The minute that was counted last, since 1970. */
  #minute = 0;

  /** Counts a call that has ended. @param now milliseconds since 1970 */
  count(failed: boolean, now = Date.now()): void {
    const at = this.#turnTo(now) % MINUTES;
    this.#calls[at]!++;
    if (failed) this.#errors[at]!++;
  }

  /** The last sixty minutes. @param now milliseconds since 1970 */
  counts(now = Date.now()): HourCounts {
    const minute = this.#turnTo(now);
    const inOrder = (ring: Uint32Array) => Array.from(ring, (_, at) => ring[(minute + 1 + at) % MINUTES]!);
    const start = (minute + 1 - MINUTES) * MINUTE;
    return { start, calls: inOrder(this.#calls), errors: inOrder(this.#errors) };
  }

  /** Empties what is older than an hour. A clock that was set back counts on in the minute that it had reached. */
  #turnTo(now: number): number {
    const minute = Math.floor(now / MINUTE);
    const from = Math.max(this.#minute + 1, minute - MINUTES + 1);
    for (let past = from; past <= minute; past++) this.#calls[past % MINUTES] = this.#errors[past % MINUTES] = 0;
    if (minute > this.#minute) this.#minute = minute;
    return this.#minute;
  }
}
