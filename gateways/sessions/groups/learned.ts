/** What is learned from the lists of servers, which may be of any length: so much of it and no more. */

/** How many entries are remembered, and how many bytes in all. */
const MOST = 20_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** What an entry costs besides its texts. */
const ENTRY_BYTES = 64;

/** Something by a text that a server has written. @typeParam T what is remembered */
export class Learned<T> {
  readonly #known = new Map<string, T>();
  #bytes = 0;

  /** What is held, two bytes a character. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): T | undefined {
    return this.#known.get(key);
  }

  /**
   * What was learned first counts.
   * @param more characters that the value has
   * @param isBetter whether the new value takes the place of the one before @default never
   */
  learn(key: string, value: T, { more = 0, isBetter = NEVER }: Learning<T> = {}): void {
    const before = this.#known.get(key);
    if (before !== undefined && isBetter(value, before)) return void this.#known.set(key, value);
    const bytes = costOf(key, more);
    if (before !== undefined || this.#known.size >= MOST || this.#bytes + bytes > MOST_BYTES) return;
    this.#known.set(key, value);
    this.#bytes += bytes;
  }

  /** Forgets what is not to be kept. */
  forget(isOld: (value: T) => boolean): void {
    for (const [key, value] of this.#known) {
      if (!isOld(value)) continue;
      this.#known.delete(key);
      this.#bytes -= costOf(key);
    }
  }

  [Symbol.iterator](): IterableIterator<[string, T]> {
    return this.#known.entries();
  }
}

interface Learning<T> {
  readonly more?: number;
  readonly isBetter?: (value: T, before: T) => boolean;
}

const NEVER = () => false;

const costOf = (key: string, more = 0) => ENTRY_BYTES + 2 * (key.length + more);
