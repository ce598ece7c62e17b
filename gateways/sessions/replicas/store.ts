/**
 * What all gateways of one service know of its sessions, in a SQLite file of the state folder: enough to go on with one at
 * another gateway. Written when a session begins, changes or ends, never for a call. Knows nothing of HTTP.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openDatabase } from "./sqlite.ts";

/** A session as it was opened. Requests are texts, one character a byte. */
export interface NewSession {
  readonly id: string;
  /** The gateway that has it; "" = none. */
  readonly owner: string;
  readonly principal: string;
  /** The address of the client that opened it. */
  readonly address: string;
  /** The protocol version that initialize agreed on. */
  readonly version: string;
  readonly initialize: string;
}

/** A resource that a session has subscribed to, and the request that did so. */
export interface Subscription {
  readonly uri: string;
  readonly request: string;
}

/** A session as it is kept. */
export interface StoredSession extends NewSession {
  /** The last logging/setLevel request. */
  readonly logLevel: string | undefined;
  readonly subscriptions: readonly Subscription[];
}

/** Nobody has the session: the first gateway that is asked for it may. */
export const NOBODY = "";

/** Milliseconds that a write waits for another gateway's. */
const PATIENCE = 1_000;

/** The release before and the one after have the file at once: a later one may only add columns, which may be NULL. */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, principal TEXT NOT NULL, address TEXT NOT NULL, version TEXT NOT NULL,
    initialize TEXT NOT NULL, log_level TEXT, opened INTEGER NOT NULL, used INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS sessions_used ON sessions (used);
  CREATE TABLE IF NOT EXISTS subscriptions (
    id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE, uri TEXT NOT NULL, request TEXT NOT NULL,
    PRIMARY KEY (id, uri)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS executor (one INTEGER PRIMARY KEY CHECK (one = 1), address TEXT NOT NULL);
`;

/** The sessions of a service, for all of its gateways. Every method throws when the file cannot be read or written. */
export class SessionStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.#database = openDatabase(file, PATIENCE);
    this.#database.exec(SCHEMA);
  }

  /** A session that has just been opened: it has no log level yet and no subscriptions. */
  add({ id, owner, principal, address, version, initialize }: NewSession): void {
    const values = [id, owner, principal, address, version, initialize, now(), now()];
    this.#run(
      "INSERT INTO sessions (id, owner, principal, address, version, initialize, opened, used) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      ...values,
    );
  }

  /** @param request the logging/setLevel request */
  setLogLevel(id: string, request: string): void {
    this.#run("UPDATE sessions SET log_level = ? WHERE id = ?", request, id);
  }

  /** @param request the resources/subscribe request */
  subscribe(id: string, uri: string, request: string): void {
    this.#run("INSERT OR REPLACE INTO subscriptions (id, uri, request) VALUES (?, ?, ?)", id, uri, request);
  }

  unsubscribe(id: string, uri: string): void {
    this.#run("DELETE FROM subscriptions WHERE id = ? AND uri = ?", id, uri);
  }

  find(id: string): StoredSession | undefined {
    const row = this.#statement("SELECT * FROM sessions WHERE id = ?").get(id) as Row | undefined;
    if (!row) return undefined;
    const { log_level: logLevel, ...same } = row;
    const rows = this.#statement("SELECT uri, request FROM subscriptions WHERE id = ?").all(
      id,
    ) as unknown as Subscription[];
    return { ...same, logLevel: logLevel ?? undefined, subscriptions: rows };
  }

  /** Takes a session over. @returns false when it is not `from` who has it any more: another gateway was quicker */
  claim(id: string, from: string, to: string): boolean {
    return this.#run("UPDATE sessions SET owner = ?, used = ? WHERE id = ? AND owner = ?", to, now(), id, from) === 1;
  }

  /** Leaves all sessions of an owner to whoever is asked for them. */
  release(owner: string): void {
    this.#run("UPDATE sessions SET owner = ?, used = ? WHERE owner = ?", NOBODY, now(), owner);
  }

  remove(id: string): void {
    this.#run("DELETE FROM sessions WHERE id = ?", id);
  }

  /** Removes all sessions of an owner. */
  removeAll(owner: string): void {
    this.#run("DELETE FROM sessions WHERE owner = ?", owner);
  }

  /** Notes that sessions have been used. */
  touch(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const list = JSON.stringify(ids);
    this.#run("UPDATE sessions SET used = ? WHERE id IN (SELECT value FROM json_each(?))", now(), list);
  }

  /** Removes what has not been used for so many milliseconds: gateways that were killed leave their sessions behind. */
  removeUnused(age: number): void {
    this.#run("DELETE FROM sessions WHERE used < ?", now() - Math.ceil(age / 1_000));
  }

  /** The gateway that executes the calls of a serial service, as far as anybody said; undefined = none. */
  get serialLock(): string | undefined {
    return (this.#statement("SELECT address FROM executor").get() as { address: string } | undefined)?.address;
  }

  set serialLock(address: string) {
    this.#run("INSERT OR REPLACE INTO executor (one, address) VALUES (1, ?)", address);
  }

  close(): void {
    this.#database.close();
  }

  #run(sql: string, ...values: (string | number | null)[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

interface Row extends NewSession {
  readonly log_level: string | null;
}

/** Seconds since 1970: gateways on several machines compare them. */
const now = () => Math.floor(Date.now() / 1_000);
