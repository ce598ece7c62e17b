/**
 * How often somebody may try to log in: with one name from one network, with one name from anywhere, from one address, and in all.
 * The names of users and of nobody are counted alike, so a pause says nothing about whether there is such a user.
 */
import { hostOf, networkOf } from "../../gateways/limits/address.ts";
import { RateLimit } from "../../gateways/limits/rate.ts";
import { digestOf } from "../users/secret-words.ts";
import { Pauses } from "./pauses.ts";

/** Tries a minute from one address, and how many at once. */
const OF_ADDRESS = { perMinute: 20, burst: 30 };
/** The same in all. Each try costs the memory and time of a hash. */
const OF_ALL = { perMinute: 600, burst: 200 };

/** The most networks that are remembered as a user's own. */
const MOST_KNOWN = 10_000;

/** A try that is under way. */
export interface Try {
  /** Seconds to wait before it may be made; 0 = it is counted, and may be made now. */
  readonly wait: number;
  succeeded(): void;
}

export class LoginLimits {
  readonly #ofPair = new Pauses({ free: 5, longest: 300 });
  readonly #ofName = new Pauses({ free: 50, longest: 60 });
  readonly #ofAddress = new RateLimit(OF_ADDRESS.perMinute / 60, OF_ADDRESS.burst);
  readonly #ofAll = new RateLimit(OF_ALL.perMinute / 60, OF_ALL.burst);
  /** Names with the networks from which they have logged in: an attack from elsewhere does not keep these out. */
  readonly #known = new Set<string>();

  /** @param name what was typed, in its one spelling @param now performance.now() */
  begin(name: string, address: string, now = performance.now()): Try {
    const who = digestOf(name); // nothing that was typed is kept: it may be a password
    const pair = `${who} ${networkOf(address)}`;
    const wait = this.#wait(who, pair, address, now);
    if (wait > 0) return { wait: Math.ceil(wait), succeeded: () => undefined };
    for (const [pauses, key] of this.#pausesOf(who, pair)) pauses.count(key, now);
    return { wait: 0, succeeded: () => this.#succeeded(who, pair) };
  }

  #wait(who: string, pair: string, address: string, now: number): number {
    const paused = Math.max(...this.#pausesOf(who, pair).map(([pauses, key]) => pauses.left(key, now)));
    return paused || this.#ofAddress.take(hostOf(address), now) || this.#ofAll.take("all", now);
  }

  #pausesOf(who: string, pair: string): [Pauses, string][] {
    const own: [Pauses, string] = [this.#ofPair, pair];
    return this.#known.has(pair) ? [own] : [own, [this.#ofName, who]];
  }

  #succeeded(who: string, pair: string): void {
    this.#ofPair.forget(pair);
    if (this.#known.has(pair)) return;
    this.#ofName.takeBack(who);
    this.#known.add(pair);
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.values().next().value!);
  }
}
