/** Grants and revocations in Redis. */
import {
  USED_AGAIN,
  type Grant,
  type Grants,
  type GrantsOf,
  type NewGrant,
  type Revocations,
  type Revoked,
} from "../contract/grants.ts";
import type { Fields, Keyspace } from "./keyspace.ts";

export class RedisGrants implements Grants {
  readonly #keys: Keyspace;

  constructor(keys: Keyspace) {
    this.#keys = keys;
  }

  async add({ id, account, client, ...more }: NewGrant): Promise<void> {
    const fields = Object.entries({ id, ...more }).filter(([, value]) => value !== undefined);
    await this.#keys.run("addGrant", id, account, client, ...fields.flat());
  }

  async find(id: string): Promise<Grant | undefined> {
    const fields = await this.#keys.hash("grant", id);
    return fields && isAlive(fields) ? grantOf(fields) : undefined;
  }

  async list(only: GrantsOf = {}): Promise<Grant[]> {
    const ids = await this.#keys.send((redis) => redis.zrange(this.#indexOf(only), "0", "-1"));
    const found = await this.#keys.hashes(ids.map((id) => ["grant", id]));
    return found
      .filter(isAlive)
      .map(grantOf)
      .filter(({ client }) => only.client === undefined || client === only.client)
      .toSorted((one, other) => other.created - one.created || (one.id < other.id ? -1 : 1));
  }

  async touch({ id, used }: Pick<Grant, "id" | "used">): Promise<void> {
    if (Date.now() / 1_000 - used >= USED_AGAIN) await this.#keys.run("touchGrant", id);
  }

  async end(id: string): Promise<Grant | undefined> {
    const fields = await this.#keys.fields("endGrant", id);
    return fields && grantOf(fields);
  }

  async endAll(only: GrantsOf): Promise<Grant[]> {
    const found = await this.list(only);
    const ended = await Promise.all(found.map(({ id }) => this.end(id)));
    return ended.filter((grant) => grant !== undefined);
  }

  #indexOf({ account, client }: GrantsOf): string {
    if (account !== undefined) return this.#keys.key("grants-of-user", account);
    return client === undefined ? this.#keys.key("grants") : this.#keys.key("grants-of-client", client);
  }
}

export class RedisRevocations implements Revocations {
  readonly #keys: Keyspace;

  constructor(keys: Keyspace) {
    this.#keys = keys;
  }

  async last(): Promise<number> {
    return Number(await this.#keys.send((redis) => redis.get(this.#keys.key("last-revocation"))));
  }

  async after(number: number): Promise<Revoked[]> {
    const key = this.#keys.key("revocations");
    const found = await this.#keys.send((redis) => redis.xrange(key, `${number}-1`, "+"));
    return found.map(([id, [, , , grant = "", , account, , client]]) => ({
      number: Number.parseInt(id, 10),
      grant,
      account: account || null,
      client: client || null,
    }));
  }
}

/** Redis may know longer of a grant than its clock here says. */
const isAlive = ({ expires = "" }: Fields): boolean => expires === "" || Number(expires) > Date.now() / 1_000;

const grantOf = (fields: Fields): Grant => ({
  id: fields["id"]!,
  account: fields["account"]!,
  client: fields["client"]!,
  clientName: fields["clientName"],
  redirectUri: fields["redirectUri"]!,
  resource: fields["resource"]!,
  scope: fields["scope"]!,
  address: fields["address"],
  created: Number(fields["created"]),
  used: Number(fields["used"]),
});
