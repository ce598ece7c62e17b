/**
 * The keys of one store, all of which begin alike, and what is done with them.
 *
 *     record:<model>:<key>        hash: payload, grant, uid, consumed, expires
 *     uid:<model>:<uid>           the key of the record
 *     records-of:<grant>          sorted set: <model>:<key>, by expiry
 *     fresh:<grant>               sorted set: keys of refresh tokens that nobody has used, by expiry
 *     grant:<id>                  hash: the grant, and when it expires
 *     grants, grants-of-user:<user>, grants-of-client:<client>
 *                                 sorted sets: ids of grants, by expiry
 *     revocations                 stream: <number>-0 with when it was, the grant and whose it was
 *     last-revocation             the latest number
 *     client:<id>                 hash: the client
 *     fingerprint:<digest>        the id of the client
 *     clients-unused, clients-used
 *                                 sorted sets: ids of clients, by when they came, and by when they were last used
 *     document:<url>              hash: url, body, name, fetched
 *     documents                   sorted set: URLs, by when they were fetched
 *     keys                        hash: name to JSON
 *     user:<id>                   hash: the user
 *     names                       hash: name to the id of the user
 *     link:<digest>               the id of the user
 *     recovery-codes:<user>       set: digests
 *     identities                  hash: JSON of issuer and subject to the id of the user
 *     identities-of:<user>        hash: issuer to subject
 *     consents:<user>             hash: JSON of client, redirect and resource to scopes
 *     step:<digest>               hash: how far the login is
 *
 * Redis removes by itself what belongs to one login or one grant, documents, links and steps. `sweep` removes clients, and what is too
 * much. Users, their consents and keys stay.
 */
import type { Redis } from "ioredis";
import { StoreAway } from "../store.ts";
import { RedisUnavailable, type RedisConnection } from "./connection.ts";
import type { ScriptName } from "./lua/all.ts";

/** A text or number as Redis gets it; undefined and null become ''. */
export type Value = string | number | undefined | null;

/** The fields of a hash. */
export type Fields = Readonly<Record<string, string>>;

export class Keyspace {
  readonly #connection: RedisConnection;
  readonly #beginning: string;

  /** @param prefix what all keys begin with; without a hash tag `{...}` it gets one, so that they are in one slot of a cluster */
  constructor(connection: RedisConnection, prefix: string) {
    this.#connection = connection;
    this.#beginning = /\{[^}]+\}/.test(prefix) ? prefix : `${prefix}{all}:`;
  }

  key(...parts: readonly string[]): string {
    return this.#beginning + parts.join(":");
  }

  /** Sends commands. @throws StoreAway */
  send<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    return asStore(this.#connection.run(work));
  }

  /** Runs a script. @throws StoreAway */
  run(name: ScriptName, ...values: readonly Value[]): Promise<unknown> {
    const texts = values.map((value) => (value ?? "").toString());
    return asStore(this.#connection.script(name, this.#beginning, [String(Date.now() / 1_000), ...texts]));
  }

  /** Runs a script that tells whether it has done what was asked. */
  async did(name: ScriptName, ...values: readonly Value[]): Promise<boolean> {
    return (await this.run(name, ...values)) === 1;
  }

  /** Runs a script that gives the fields of a hash; undefined = none. */
  async fields(name: ScriptName, ...values: readonly Value[]): Promise<Fields | undefined> {
    const flat = (await this.run(name, ...values)) as string[];
    const pairs = flat.flatMap((field, at) => (at % 2 === 0 ? [[field, flat[at + 1]!] as const] : []));
    return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
  }

  /** The fields of a hash; undefined = there is none. */
  async hash(...parts: readonly string[]): Promise<Fields | undefined> {
    const [found] = await this.hashes([parts]);
    return found;
  }

  /** The fields of several hashes, without those that are not there. */
  async hashes(keys: readonly (readonly string[])[]): Promise<Fields[]> {
    const found = await this.send((redis) => Promise.all(keys.map((parts) => redis.hgetall(this.key(...parts)))));
    return found.filter((fields) => Object.keys(fields).length > 0);
  }
}

async function asStore<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof RedisUnavailable ? new StoreAway(error) : error;
  }
}
