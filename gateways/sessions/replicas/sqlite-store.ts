/** A session store in a SQLite file of the state folder, for gateways on one machine. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openDatabase } from "./sqlite.ts";
import { NOBODY, type NewSession, type SessionStore, type StoredSession, type StoredSubscription } from "./store.ts";

/** Milliseconds that a write waits for another gateway's. */
const BUSY_TIMEOUT = 1_000;

/**
 * The release before and the one after use the file at the same time, so a later one may only add columns, which may be
 * NULL. For the same reason the table of the serial lock's holder keeps its name.
 */
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

/** Each method does its work before it returns, which keeps the order of calls. */
export class SqliteStore implements SessionStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws Error when the file cannot be read or written */
  constructor(file: string) {
    this.#database = openDatabase(file, BUSY_TIMEOUT);
    this.#database.exec(SCHEMA);
  }

  async add({ id, owner, principal, address, version, initialize }: NewSession): Promise<void> {
    const columns = "id, owner, principal, address, version, initialize, opened, used";
    const values = [id, owner, principal, address, version, initialize, now(), now()];
    this.#run(`INSERT INTO sessions (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, ...values);
  }

  async setLogLevel(id: string, request: string): Promise<void> {
    this.#run("UPDATE sessions SET log_level = ? WHERE id = ?", request, id);
  }

  async subscribe(id: string, uri: string, request: string): Promise<void> {
    this.#run("INSERT OR REPLACE INTO subscriptions (id, uri, request) VALUES (?, ?, ?)", id, uri, request);
  }

  async unsubscribe(id: string, uri: string): Promise<void> {
    this.#run("DELETE FROM subscriptions WHERE id = ? AND uri = ?", id, uri);
  }

  async find(id: string): Promise<StoredSession | undefined> {
    const row = this.#statement("SELECT * FROM sessions WHERE id = ?").get(id) as Row | undefined;
    if (!row) return undefined;
    const { log_level: logLevel, ...same } = row;
    const rows = this.#statement("SELECT uri, request FROM subscriptions WHERE id = ?").all(id);
    return { ...same, logLevel: logLevel ?? undefined, subscriptions: rows as unknown as StoredSubscription[] };
  }

  async claim(id: string, from: string, to: string): Promise<boolean> {
    return this.#run("UPDATE sessions SET owner = ?, used = ? WHERE id = ? AND owner = ?", to, now(), id, from) === 1;
  }

  async release(owner: string): Promise<void> {
    this.#run("UPDATE sessions SET owner = ?, used = ? WHERE owner = ?", NOBODY, now(), owner);
  }

  async remove(id: string): Promise<void> {
    this.#run("DELETE FROM sessions WHERE id = ?", id);
  }

  async removeAll(owner: string): Promise<void> {
    this.#run("DELETE FROM sessions WHERE owner = ?", owner);
  }

  async touch(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const list = JSON.stringify(ids);
    this.#run("UPDATE sessions SET used = ? WHERE id IN (SELECT value FROM json_each(?))", now(), list);
  }

  async removeUnused(age: number): Promise<void> {
    this.#run("DELETE FROM sessions WHERE used < ?", now() - Math.ceil(age / 1_000));
  }

  async lockHolder(): Promise<string | undefined> {
    return (this.#statement("SELECT address FROM executor").get() as { address: string } | undefined)?.address;
  }

  async setLockHolder(address: string): Promise<void> {
    this.#run("INSERT OR REPLACE INTO executor (one, address) VALUES (1, ?)", address);
  }

  async close(): Promise<void> {
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
