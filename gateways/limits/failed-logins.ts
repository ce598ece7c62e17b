/** How many logins may fail: for an address, for the network around it, and in all. */
import { hostOf, networkOf } from "./address.ts";
import { RateLimit } from "./rate.ts";

/** The failures of a network, as a multiple of those of an address. */
const NETWORK = 5;
/** The failures of all addresses together. */
const ALL = 100;

/** A budget that is used up. */
export interface Lockout {
  /** Whose budget it is: an address or a network, or "all". */
  readonly whose: string;
  /** Seconds until the next failure is within it again. */
  readonly wait: number;
  /** Whether this is the first refusal, so that it is told once. */
  readonly begins: boolean;
}

/**
 * The budgets of failed logins. An address that has used up its own takes nothing from the wider ones, so that they are used up
 * only by many. They slow those down who fail: a caller with a valid token is never asked.
 */
export class FailedLogins {
  readonly #ofAddress: RateLimit;
  readonly #ofNetwork: RateLimit;
  readonly #ofAll: RateLimit;

  /** @param perMinute failures a minute for each address */
  constructor(perMinute: number) {
    const limit = (times: number) => new RateLimit((perMinute * times) / 60, perMinute * times);
    [this.#ofAddress, this.#ofNetwork, this.#ofAll] = [limit(1), limit(NETWORK), limit(ALL)];
  }

  /** Counts a failure. @returns undefined while it is within all budgets */
  count(address: string, now = performance.now()): Lockout | undefined {
    return (
      take(this.#ofAddress, hostOf(address), now) ??
      take(this.#ofNetwork, networkOf(address), now) ??
      take(this.#ofAll, "all", now)
    );
  }
}

function take(limit: RateLimit, whose: string, now: number): Lockout | undefined {
  const wait = limit.take(whose, now);
  return wait === 0 ? undefined : { whose, wait, begins: limit.isFirstRefusal(whose, now) };
}
