/**
 * What all gateways of one service know of its sessions, in a SQLite file of the state folder: enough to go on with one at
 * another gateway. Written when a session begins, changes or ends, never for a call. Knows nothing of HTTP.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openDatabase } from "./sqlite.ts";

/** A session as it is kept. Texts are JSON-RPC requests, one character a byte. */
export interface StoredSession {
  readonly id: string;
  /** The gateway that has it; "" = none. */
  readonly owner: string;
  readonly principal: string;
  /** The address of the client that opened it. */
  readonly address: string;
  /** The protocol version that initialize agreed on. */
  readonly version: string;
  readonly initialize: string;
  /** The last logging/setLevel request. */
  readonly logLevel: string | undefined;
  /** The resources/subscribe requests that hold, by uri. */
  readonly subscriptions: readonly (readonly [uri: string, request: string])[];
}

/** Nobody has the session: the first gateway that is asked for it may. */
export const NOBODY = "";

/** Milliseconds that a write waits for another gateway's. */
const PATIENCE = 1_000;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, principal TEXT NOT NULL, address TEXT NOT NULL, version TEXT NOT NULL,
    initialize TEXT NOT NULL, log_level TEXT, subscriptions TEXT NOT NULL, opened INTEGER NOT NULL, used INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS sessions_used ON sessions (used);
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

  add(session: StoredSession): void {
    const { id, owner, principal, address, version, initialize, logLevel, subscriptions } = session;
    this.#run(
      "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id,
      owner,
      principal,
      address,
      version,
      initialize,
      logLevel ?? null,
      JSON.stringify(subscriptions),
      now(),
      now(),
    );
  }

  /** Keeps what has changed in a session. */
  change({ id, logLevel, subscriptions }: StoredSession): void {
    const values = [logLevel ?? null, JSON.stringify(subscriptions), now(), id];
    this.#run("UPDATE sessions SET log_level = ?, subscriptions = ?, used = ? WHERE id = ?", ...values);
  }

  find(id: string): StoredSession | undefined {
    const row = this.#statement("SELECT * FROM sessions WHERE id = ?").get(id) as Row | undefined;
    if (!row) return undefined;
    const { log_level: logLevel, subscriptions, ...same } = row;
    return { ...same, logLevel: logLevel ?? undefined, subscriptions: JSON.parse(subscriptions) as [string, string][] };
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
  get executor(): string | undefined {
    return (this.#statement("SELECT address FROM executor").get() as { address: string } | undefined)?.address;
  }

  set executor(address: string) {
    this.#run("INSERT OR REPLACE INTO executor VALUES (1, ?)", address);
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

interface Row extends Omit<StoredSession, "logLevel" | "subscriptions"> {
  readonly log_level: string | null;
  readonly subscriptions: string;
}

/** Seconds since 1970: gateways on several machines compare them. */
const now = () => Math.floor(Date.now() / 1_000);
