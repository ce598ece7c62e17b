/** Records in Redis. */
import { OF_GRANT, type FoundRecord, type NewRecord, type Records } from "../contract/records.ts";
import type { Fields, Keyspace } from "./keyspace.ts";

export class RedisRecords implements Records {
  readonly #keys: Keyspace;

  constructor(keys: Keyspace) {
    this.#keys = keys;
  }

  save(model: string, key: string, { payload, grantId, uid, expires }: NewRecord): Promise<boolean> {
    const needsGrant = OF_GRANT.has(model) && grantId !== undefined;
    return this.#keys.did("saveRecord", model, key, payload, grantId, uid, expires, Number(needsGrant));
  }

  async find(model: string, key: string): Promise<FoundRecord | undefined> {
    return foundIn(await this.#keys.hash("record", model, key));
  }

  async findByUid(model: string, uid: string): Promise<FoundRecord | undefined> {
    const key = await this.#keys.send((redis) => redis.get(this.#keys.key("uid", model, uid)));
    const fields = key === null ? undefined : await this.#keys.hash("record", model, key);
    return fields?.["uid"] === uid ? foundIn(fields) : undefined;
  }

  consume(model: string, key: string, at: number): Promise<boolean> {
    return this.#keys.did("consumeRecord", model, key, at);
  }

  remove(model: string, key: string): Promise<boolean> {
    return this.#keys.did("removeRecord", model, key);
  }

  async removeOfGrant(model: string, grantId: string): Promise<void> {
    await this.#keys.run("removeRecordsOfGrant", model, grantId);
  }

  async endSession(uid: string): Promise<void> {
    await this.#keys.run("removeRecordOfUid", "Session", uid);
  }
}

function foundIn(fields: Fields | undefined): FoundRecord | undefined {
  if (fields === undefined || isOver(fields["expires"])) return undefined;
  const { payload = "", consumed } = fields;
  return { payload, consumed: consumed === undefined ? undefined : Number(consumed) };
}

/** @param expires seconds since 1970; '' = never */
const isOver = (expires = ""): boolean => expires !== "" && Number(expires) <= Date.now() / 1_000;
