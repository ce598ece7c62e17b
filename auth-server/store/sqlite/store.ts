/** The store in an SQLite file, for the processes of one machine. */
import type { Key, Keys, Store } from "../store.ts";
import { SqliteClients, SqliteDocuments } from "./clients.ts";
import { Database, now } from "./database.ts";
import { SqliteGrants, SqliteRevocations } from "./grants.ts";
import { SqliteConsents, SqliteLoginSteps } from "./logins.ts";
import { SqliteRecords } from "./records.ts";
import { sweep } from "./sweep.ts";
import { SqliteUsers } from "./users.ts";

export class SqliteStore implements Store {
  readonly records: SqliteRecords;
  readonly grants: SqliteGrants;
  readonly revocations: SqliteRevocations;
  readonly clients: SqliteClients;
  readonly documents: SqliteDocuments;
  readonly keys: Keys;
  readonly users: SqliteUsers;
  readonly consents: SqliteConsents;
  readonly steps: SqliteLoginSteps;
  readonly #database: Database;

  /** @param file auth.sqlite, made where it is not there @throws Error of SQLite when it cannot be read or written */
  constructor(file: string) {
    const database = new Database(file);
    this.#database = database;
    this.records = new SqliteRecords(database);
    this.grants = new SqliteGrants(database);
    this.revocations = new SqliteRevocations(database);
    this.clients = new SqliteClients(database);
    this.documents = new SqliteDocuments(database);
    this.keys = new SqliteKeys(database);
    this.users = new SqliteUsers(database);
    this.consents = new SqliteConsents(database);
    this.steps = new SqliteLoginSteps(database);
  }

  async isThere(): Promise<void> {
    this.#database.get("SELECT 1 FROM keys LIMIT 1");
  }

  async sweep(): Promise<void> {
    sweep(this.#database);
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

class SqliteKeys implements Keys {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async keep(name: string, value: string): Promise<string> {
    const sql = "INSERT OR IGNORE INTO keys (name, value, created) VALUES (?, ?, ?)";
    this.#database.run(sql, name, value, now());
    return this.#database.get<{ value: string }>("SELECT value FROM keys WHERE name = ?", name)!.value;
  }

  async list(beginning: string, most: number): Promise<Key[]> {
    const sql =
      "SELECT name, value, created FROM keys WHERE substr(name, 1, ?) = ? ORDER BY created DESC, name LIMIT ?";
    return this.#database.all<Key>(sql, beginning.length, beginning, most);
  }
}
