/** The SQLite file. Several processes may have it open. */
import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { StoreAway } from "../store.ts";
import { ADDED, SCHEMA } from "./schema.ts";

/** Milliseconds that a statement waits for another process's. */
const BUSY_TIMEOUT = 5_000;

/** SQLITE_CONSTRAINT: a mistake of ours, which no waiting helps. */
const CONSTRAINT = 19;

/** Each method does its work before it returns. @throws StoreAway from all of them: the disk is full, another process is slow */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens the file, and creates it when there is none: for this user alone, as SQLite then makes the files beside it.
   * @throws Error of SQLite when it cannot be read or written
   */
  constructor(file: string) {
    if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
    this.#sqlite = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
    this.#sqlite.exec(SCHEMA);
    for (const [table, column] of ADDED) this.#addColumn(table, column);
  }

  /** @returns how many rows it has changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    try {
      return Number(this.#statement(sql).run(...values).changes);
    } catch (error) {
      throw asAway(error);
    }
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a caller knows what its statement selects
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    try {
      return this.#statement(sql).get(...values) as Row | undefined;
    } catch (error) {
      throw asAway(error);
    }
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    try {
      return this.#statement(sql).all(...values) as Row[];
    } catch (error) {
      throw asAway(error);
    }
  }

  /** All of the work or nothing, and no other process's between. */
  transaction<T>(work: () => T): T {
    this.#exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#exec("COMMIT");
      return result;
    } catch (error) {
      this.#sqlite.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  #exec(sql: string): void {
    try {
      this.#sqlite.exec(sql);
    } catch (error) {
      throw asAway(error);
    }
  }

  /** Two processes that start at once may both want to. */
  #addColumn(table: string, column: string): void {
    this.transaction(() => {
      const has = this.all<{ name: string }>(`SELECT name FROM pragma_table_info('${table}')`);
      if (!has.some(({ name }) => name === column)) this.#exec(`ALTER TABLE ${table} ADD COLUMN ${column} TEXT`);
    });
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#sqlite.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}

/** The error that is thrown for one of SQLite's. */
function asAway(error: unknown): unknown {
  const { code, errcode = 0 } = error as { code?: unknown; errcode?: number };
  return code === "ERR_SQLITE_ERROR" && (errcode & 0xff) !== CONSTRAINT ? new StoreAway(error) : error;
}

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1_000);
