/** The store in Redis: for several machines, or where a Redis server is there already. */
import { StoreAway, StoreRefused, type Store } from "../store.ts";
import { RedisClients, RedisDocuments } from "./clients.ts";
import { RedisConnection } from "./connection.ts";
import { RedisGrants, RedisRevocations } from "./grants.ts";
import { RedisKeys } from "./keys.ts";
import { Keyspace } from "./keyspace.ts";
import { RedisConsents, RedisSteps } from "./logins.ts";
import { RedisRecords } from "./records.ts";
import { readRedisUrl } from "./redis-url.ts";
import { scripts } from "./lua/all.ts";
import { checkServer } from "./server-check.ts";
import { RedisUsers } from "./users.ts";

/** Where the store is. */
export interface RedisStoreSettings {
  /** As redis-url.ts reads it. */
  readonly url: string;
  /** @default - a server that wants none */
  readonly password: string | undefined;
  /** What the names of all keys begin with. */
  readonly prefix: string;
}

export class RedisStore implements Store {
  readonly records: RedisRecords;
  readonly grants: RedisGrants;
  readonly revocations: RedisRevocations;
  readonly clients: RedisClients;
  readonly documents: RedisDocuments;
  readonly keys: RedisKeys;
  readonly users: RedisUsers;
  readonly consents: RedisConsents;
  readonly steps: RedisSteps;
  readonly #connection: RedisConnection;
  readonly #keyspace: Keyspace;
  readonly #tell: (text: string) => void;

  /**
   * Begins to connect.
   * @param tell what whoever runs the server should know: that Redis is away, is back, or keeps less than it might
   * @throws RedisUrlError
   */
  constructor({ url, password, prefix }: RedisStoreSettings, tell: (text: string) => void) {
    const place = readRedisUrl(url);
    this.#connection = new RedisConnection({ place, password, name: "gangway-auth", scripts, tell });
    this.#tell = tell;
    const keyspace = new Keyspace(this.#connection, prefix);
    this.#keyspace = keyspace;
    this.records = new RedisRecords(keyspace);
    this.grants = new RedisGrants(keyspace);
    this.revocations = new RedisRevocations(keyspace);
    this.clients = new RedisClients(keyspace);
    this.documents = new RedisDocuments(keyspace);
    this.keys = new RedisKeys(keyspace);
    this.users = new RedisUsers(keyspace);
    this.consents = new RedisConsents(keyspace);
    this.steps = new RedisSteps(keyspace);
  }

  async isThere(): Promise<void> {
    try {
      const info = await this.#keyspace.send((redis) => redis.info());
      const warning = checkServer(info, this.#connection.place);
      await this.#keyspace.send((redis) => redis.set(this.#keyspace.key("probe"), "1", "PX", PROBE));
      if (warning !== undefined) this.#tell(warning);
    } catch (error) {
      const { refusal, place } = this.#connection;
      throw error instanceof StoreAway && refusal !== undefined ? new StoreRefused(`${place}: ${refusal}`) : error;
    }
  }

  async sweep(): Promise<void> {
    for (const step of ["sweepGrants", "sweepClients", "sweepDocuments"] as const) await this.#keyspace.run(step);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** Milliseconds for which a key is kept that shows whether anything can be written. */
const PROBE = 1_000;
