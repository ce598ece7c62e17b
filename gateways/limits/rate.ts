interface Bucket {
  tokens: number;
  /** When it was last filled (performance.now()). */
  at: number;
}

/** The most buckets that are kept. The least recently used is dropped first, as it is the most likely to be full again. */
const MAX_BUCKETS = 10_000;

/** Limits how often something may happen, with a token bucket for each key. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param perSecond how many tokens a bucket gains a second
   * @param burst how many it holds
   */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes tokens of a key. @returns 0 when there were enough, otherwise the seconds until there are */
  take(key: string, now = performance.now(), tokens = 1): number {
    const bucket = this.#refilled(key, now);
    const taken = Math.min(tokens, this.#burst); // a bucket never holds more than this
    if (bucket.tokens < taken) return (taken - bucket.tokens) / this.#perSecond;
    bucket.tokens -= taken;
    return 0;
  }

  /** The seconds until a key has a token; 0 when it has one. Takes nothing. */
  wait(key: string, now = performance.now()): number {
    const { tokens } = this.#refilled(key, now);
    return tokens < 1 ? (1 - tokens) / this.#perSecond : 0;
  }

  #refilled(key: string, now: number): Bucket {
    const bucket = this.#buckets.get(key);
    if (!bucket) return this.#add(key, now);
    this.#buckets.delete(key); // setting it again moves the key to the end, so the map is in order of use
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
