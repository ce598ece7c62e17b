/** Clients that have registered themselves (RFC 7591). Those with a metadata document are not kept here. */
import { hash } from "node:crypto";
import type { Adapter, AdapterPayload } from "oidc-provider";
import { newId } from "../ids.ts";
import { now, type Database } from "./database.ts";

/** What a client has told of itself. */
export type ClientMetadata = Readonly<Record<string, unknown>> & { readonly redirect_uris: readonly string[] };

/** A registered client, as the operator sees it. */
export interface RegisteredClient {
  readonly id: string;
  readonly metadata: ClientMetadata;
  /** Seconds since 1970. */
  readonly created: number;
  /** Seconds since 1970: when somebody last logged in with it. @default - never */
  readonly used: number | undefined;
}

/** Days after which a client with which nobody has logged in is forgotten, and one with which nobody does any more. */
const UNUSED_DAYS = 7;
const IDLE_DAYS = 180;
/** How many clients there may be with which nobody has logged in. Then the oldest are forgotten. */
const UNUSED = 5_000;

interface Row {
  readonly id: string;
  readonly metadata: string;
  readonly created: number;
  readonly used: number | null;
}

/** The client that has told the same of itself before. */
export function findSame(database: Database, metadata: ClientMetadata): RegisteredClient | undefined {
  const row = database.get<Row>("SELECT * FROM clients WHERE fingerprint = ?", fingerprintOf(metadata));
  return row && clientOf(row);
}

/** Adds a client. Of two that tell the same at once there is one. */
export function addClient(database: Database, metadata: ClientMetadata): RegisteredClient {
  const sql = "INSERT OR IGNORE INTO clients (id, metadata, fingerprint, created) VALUES (?, ?, ?, ?)";
  const id = newId();
  database.run(sql, id, JSON.stringify(metadata), fingerprintOf(metadata), now());
  return findSame(database, metadata)!;
}

/** Every registered client, the newest first. */
export const listClients = (database: Database): RegisteredClient[] =>
  database.all<Row>("SELECT * FROM clients ORDER BY created DESC, id").map(clientOf);

/** A metadata document that is kept. */
export interface KeptDocument {
  readonly url: string;
  /** What the client calls itself. */
  readonly name: string | null;
  /** Seconds since 1970. */
  readonly fetched: number;
}

/** The metadata documents that are kept, the latest first. */
export const listDocuments = (database: Database): KeptDocument[] =>
  database.all(
    "SELECT url, json_extract(body, '$.client_name') AS name, fetched FROM documents ORDER BY fetched DESC, url",
  );

/** Notes that somebody has logged in. */
export const touchClient = (database: Database, id: string): number =>
  database.run("UPDATE clients SET used = ? WHERE id = ?", now(), id);

/** Forgets clients that nobody uses. @returns how many */
export function sweepClients(database: Database): number {
  const unused = "used IS NULL AND id NOT IN (SELECT client FROM grants)";
  const old = database.run(`DELETE FROM clients WHERE ${unused} AND created < ?`, now() - UNUSED_DAYS * 86_400);
  const idle = "used < ? AND id NOT IN (SELECT client FROM grants)";
  const gone = database.run(`DELETE FROM clients WHERE ${idle}`, now() - IDLE_DAYS * 86_400);
  const first = `SELECT id FROM clients WHERE ${unused} ORDER BY created DESC LIMIT -1 OFFSET ?`;
  return old + gone + database.run(`DELETE FROM clients WHERE id IN (${first})`, UNUSED);
}

/** oidc-provider finds clients here; registration.ts adds them. */
export class ClientAdapter implements Adapter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const row = this.#database.get<Row>("SELECT * FROM clients WHERE id = ?", id);
    return row && { ...clientOf(row).metadata, client_id: id };
  }

  async upsert(): Promise<never> {
    throw new Error("clients are added by registration.ts");
  }

  async destroy(id: string): Promise<void> {
    this.#database.run("DELETE FROM clients WHERE id = ?", id);
  }

  async findByUid(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async consume(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
}

const clientOf = ({ metadata, used, ...same }: Row): RegisteredClient => ({
  ...same,
  metadata: JSON.parse(metadata) as ClientMetadata,
  used: used ?? undefined,
});

/** Two clients are the same when they tell the same, in whatever order. */
const fingerprintOf = (metadata: ClientMetadata): string => hash("sha256", JSON.stringify(sorted(metadata)));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).toSorted((one, other) => (String(one) < String(other) ? -1 : 1));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, own]): [string, unknown] => [key, sorted(own)]);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
