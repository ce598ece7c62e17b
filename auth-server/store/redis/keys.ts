/** Secrets that the server makes for itself, in Redis. */
import type { Key, Keys } from "../store.ts";
import type { Keyspace } from "./keyspace.ts";

export class RedisKeys implements Keys {
  readonly #keys: Keyspace;

  constructor(keys: Keyspace) {
    this.#keys = keys;
  }

  async keep(name: string, value: string): Promise<string> {
    const key = this.#keys.key("keys");
    const made = JSON.stringify({ name, value, created: Math.floor(Date.now() / 1_000) } satisfies Key);
    const kept = await this.#keys.send(async (redis) => {
      const [, text] = await Promise.all([redis.hsetnx(key, name, made), redis.hget(key, name)]);
      return text!;
    });
    return (JSON.parse(kept) as Key).value;
  }

  async list(beginning: string, most: number): Promise<Key[]> {
    const texts = await this.#keys.send((redis) => redis.hvals(this.#keys.key("keys")));
    const found = texts.map((text) => JSON.parse(text) as Key).filter(({ name }) => name.startsWith(beginning));
    return found.toSorted((one, other) => other.created - one.created).slice(0, most);
  }
}
