/** Clients and metadata documents in Redis. */
import type {
  ClientMetadata,
  Clients,
  Documents,
  KeptDocument,
  NewClient,
  RegisteredClient,
} from "../contract/clients.ts";
import type { Fields, Keyspace } from "./keyspace.ts";

export class RedisClients implements Clients {
  readonly #keys: Keyspace;

  constructor(keys: Keyspace) {
    this.#keys = keys;
  }

  async find(id: string): Promise<RegisteredClient | undefined> {
    const fields = await this.#keys.hash("client", id);
    return fields && clientOf(fields);
  }

  async ofFingerprint(fingerprint: string): Promise<RegisteredClient | undefined> {
    const id = await this.#keys.send((redis) => redis.get(this.#keys.key("fingerprint", fingerprint)));
    return id === null ? undefined : this.find(id);
  }

  async add({ id, fingerprint, metadata }: NewClient): Promise<RegisteredClient> {
    return clientOf((await this.#keys.fields("addClient", id, fingerprint, JSON.stringify(metadata)))!);
  }

  async remove(id: string): Promise<void> {
    await this.#keys.run("removeClient", id);
  }

  async list(): Promise<RegisteredClient[]> {
    const indexes = ["clients-unused", "clients-used"].map((name) => this.#keys.key(name));
    const ids = await this.#keys.send((redis) => Promise.all(indexes.map((key) => redis.zrange(key, "0", "-1"))));
    const found = await this.#keys.hashes([...new Set(ids.flat())].map((id) => ["client", id]));
    return found.map(clientOf).toSorted((one, other) => other.created - one.created || (one.id < other.id ? -1 : 1));
  }
}

export class RedisDocuments implements Documents {
  readonly #keys: Keyspace;

  constructor(keys: Keyspace) {
    this.#keys = keys;
  }

  async find(url: string): Promise<string | undefined> {
    return (await this.#keys.hash("document", url))?.["body"];
  }

  async keep(url: string, body: string): Promise<void> {
    const { client_name: name } = JSON.parse(body) as { client_name?: unknown };
    await this.#keys.run("keepDocument", url, body, typeof name === "string" ? name : "");
  }

  async list(): Promise<KeptDocument[]> {
    const urls = await this.#keys.send((redis) => redis.zrange(this.#keys.key("documents"), "0", "-1"));
    const found = await this.#keys.hashes(urls.map((url) => ["document", url]));
    return found
      .map(({ url = "", name, fetched }) => ({ url, name: name || null, fetched: Number(fetched) }))
      .toSorted((one, other) => other.fetched - one.fetched || (one.url < other.url ? -1 : 1));
  }
}

const clientOf = ({ id = "", metadata = "", created, used }: Fields): RegisteredClient => ({
  id,
  metadata: JSON.parse(metadata) as ClientMetadata,
  created: Number(created),
  used: used === undefined ? undefined : Number(used),
});
