/** Token buckets: how often somebody may do something. Touches nothing. */

interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets kept at most; the one unused longest goes first (it is most likely full again). */
const MAX_BUCKETS = 10_000;

/** A token bucket for each key. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param perSecond how fast a bucket fills
   * @param burst how much it holds
   */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes tokens of a key. @returns 0 when there were as many, else the seconds until there are */
  take(key: string, now = performance.now(), tokens = 1): number {
    const bucket = this.#refilled(key, now);
    const taken = Math.min(tokens, this.#burst); // more than a bucket holds would never be there
    if (bucket.tokens < taken) return (taken - bucket.tokens) / this.#perSecond;
    bucket.tokens -= taken;
    return 0;
  }

  /** The seconds until a key has a token, without taking it; 0 when it has one. */
  wait(key: string, now = performance.now()): number {
    const { tokens } = this.#refilled(key, now);
    return tokens < 1 ? (1 - tokens) / this.#perSecond : 0;
  }

  #refilled(key: string, now: number): Bucket {
    const bucket = this.#buckets.get(key);
    if (!bucket) return this.#add(key, now);
    this.#buckets.delete(key); // set again, the key comes last: the map is in the order of use
    this.#buckets.set(key, bucket);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + ((now - bucket.at) / 1_000) * this.#perSecond);
    bucket.at = now;
    return bucket;
  }

  #add(key: string, now: number): Bucket {
    if (this.#buckets.size >= MAX_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value as string);
    const bucket = { tokens: this.#burst, at: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
