interface Bucket {
  tokens: number;
  /** What is left for minor purposes: they take nothing from the tokens, and whatever takes those takes these, too. */
  minor: number;
  /** When it was last filled (performance.now()). */
  at: number;
  /** Whether its last refusal has been told, and it has not calmed down since. */
  told: boolean;
}

/** The most keys that have a bucket of their own. */
const MAX_BUCKETS = 10_000;
/** How many buckets the other keys share while there are that many. */
const SHARED_BUCKETS = 64;

/**
 * Limits how often something may happen, with a token bucket for each key. A bucket is forgotten only when it is full again and
 * so remembers nothing: a key cannot get a new one by pushing its own out with thousands of others. Those that find no room
 * share a few buckets among themselves.
 */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #shared: Bucket[] = [];

  /**
   * @param perSecond how many tokens a bucket gains a second
   * @param burst how many it holds
   */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /**
   * Takes tokens of a key.
   * @param tokens how many; more than a bucket holds are as many as it holds
   * @param minor whether it is for a minor purpose, which leaves the others theirs
   * @returns 0 when there were enough, otherwise the seconds until there are
   */
  take(key: string, now = performance.now(), tokens = 1, minor = false): number {
    const bucket = this.#refilled(key, now);
    const taken = Math.min(tokens, this.#burst);
    const missing = taken - (minor ? bucket.minor : bucket.tokens);
    if (missing > 0) return missing / this.#perSecond;
    bucket.minor = Math.max(0, bucket.minor - taken);
    if (!minor) bucket.tokens -= taken;
    return 0;
  }

  /** Takes a token as if what took one for a minor purpose had not been minor. Never refuses. */
  charge(key: string, now = performance.now()): void {
    const bucket = this.#refilled(key, now);
    bucket.tokens = Math.max(0, bucket.tokens - 1);
  }

  /** Whether a refusal is the first one since the key's bucket was half full, so that it is told once. */
  isFirstRefusal(key: string, now = performance.now()): boolean {
    const bucket = this.#refilled(key, now);
    const first = !bucket.told;
    bucket.told = true;
    return first;
  }

  #newBucket(now: number): Bucket {
    return { tokens: this.#burst, minor: this.#burst, at: now, told: false };
  }

  #refilled(key: string, now: number): Bucket {
    const bucket = this.#buckets.get(key);
    if (!bucket) return this.#add(key, now);
    this.#buckets.delete(key); // setting it again moves the key to the end, so the map is in order of use
    this.#buckets.set(key, bucket);
    return this.#refill(bucket, now);
  }

  #refill(bucket: Bucket, now: number): Bucket {
    const gained = ((now - bucket.at) / 1_000) * this.#perSecond;
    bucket.tokens = Math.min(this.#burst, bucket.tokens + gained);
    bucket.minor = Math.min(this.#burst, bucket.minor + gained);
    bucket.at = now;
    if (bucket.tokens >= this.#burst / 2) bucket.told = false;
    return bucket;
  }

  #add(key: string, now: number): Bucket {
    if (this.#buckets.size >= MAX_BUCKETS && !this.#makeRoom(now)) return this.#sharedBucket(key, now);
    const bucket = this.#newBucket(now);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** Forgets the bucket that was used least recently, if it is full again. */
  #makeRoom(now: number): boolean {
    const [oldest, bucket] = this.#buckets.entries().next().value as [string, Bucket];
    const { tokens, minor } = this.#refill(bucket, now);
    if (Math.min(tokens, minor) < this.#burst) return false;
    return this.#buckets.delete(oldest);
  }

  #sharedBucket(key: string, now: number): Bucket {
    const place = placeOf(key);
    const bucket = (this.#shared[place] ??= this.#newBucket(now));
    return this.#refill(bucket, now);
  }
}

/** The same for the same key. Keys are addresses and ids, which are short. */
function placeOf(key: string): number {
  let sum = 0;
  for (let index = 0; index < key.length; index++) sum = (sum * 31 + key.charCodeAt(index)) % 65_521;
  return sum % SHARED_BUCKETS;
}
