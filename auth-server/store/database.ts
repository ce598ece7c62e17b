/** The SQLite file in which the authorization server keeps everything. Several processes may have it open. */
import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/** Milliseconds that a statement waits for another process's. */
const BUSY_TIMEOUT = 5_000;

/**
 * The release before and the one after use the file at the same time, so a later one may only add tables, and columns that may
 * be NULL. Times are seconds since 1970.
 */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS records (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, grant_id TEXT, uid TEXT, consumed REAL, expires INTEGER,
    PRIMARY KEY (model, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS records_grant ON records (grant_id);
  CREATE INDEX IF NOT EXISTS records_uid ON records (uid);
  CREATE INDEX IF NOT EXISTS records_expires ON records (expires);
  CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, client TEXT NOT NULL, client_name TEXT, redirect_uri TEXT NOT NULL,
    resource TEXT NOT NULL, scope TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS clients (
    id TEXT PRIMARY KEY, metadata TEXT NOT NULL, fingerprint TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, used INTEGER
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS documents (url TEXT PRIMARY KEY, body TEXT NOT NULL, fetched INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS revocations (number INTEGER PRIMARY KEY AUTOINCREMENT, grant_id TEXT NOT NULL, at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Columns that were not there in the first release. All are TEXT. */
const ADDED = [
  ["grants", "address"],
  ["revocations", "account"],
  ["revocations", "client"],
] as const;

/** Each method does its work before it returns. */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens the file, and creates it when there is none: for this user alone, as SQLite then makes the files beside it.
   * @throws Error when it cannot be read or written
   */
  constructor(file: string) {
    if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
    this.#sqlite = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
    this.#sqlite.exec(SCHEMA);
    for (const [table, column] of ADDED) this.#addColumn(table, column);
  }

  /** Statements of another subject's tables: those of the users. */
  exec(sql: string): void {
    this.#sqlite.exec(sql);
  }

  /** @returns how many rows it has changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a caller knows what its statement selects
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** All of the work or nothing, and no other process's between. */
  transaction<T>(work: () => T): T {
    this.#sqlite.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#sqlite.exec("COMMIT");
      return result;
    } catch (error) {
      this.#sqlite.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#sqlite.close();
  }

  /** Two processes that start at once may both want to. */
  #addColumn(table: string, column: string): void {
    this.transaction(() => {
      const has = this.all<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`);
      if (!has.some(({ name }) => name === column)) this.exec(`ALTER TABLE ${table} ADD COLUMN ${column} TEXT`);
    });
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#sqlite.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1_000);
