/** Registered clients and metadata documents, in SQLite. */
import type {
  ClientMetadata,
  Clients,
  Documents,
  KeptDocument,
  NewClient,
  RegisteredClient,
} from "../contract/clients.ts";
import { now, type Database } from "./database.ts";

interface Row {
  readonly id: string;
  readonly metadata: string;
  readonly created: number;
  readonly used: number | null;
}

const COLUMNS = "id, metadata, created, used";

export class SqliteClients implements Clients {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(id: string): Promise<RegisteredClient | undefined> {
    return this.#one("id", id);
  }

  async ofFingerprint(fingerprint: string): Promise<RegisteredClient | undefined> {
    return this.#one("fingerprint", fingerprint);
  }

  async add({ id, fingerprint, metadata }: NewClient): Promise<RegisteredClient> {
    const sql = "INSERT OR IGNORE INTO clients (id, metadata, fingerprint, created) VALUES (?, ?, ?, ?)";
    return this.#database.transaction(() => {
      this.#database.run(sql, id, JSON.stringify(metadata), fingerprint, now());
      return this.#one("fingerprint", fingerprint)!;
    });
  }

  async remove(id: string): Promise<void> {
    this.#database.run("DELETE FROM clients WHERE id = ?", id);
  }

  async list(): Promise<RegisteredClient[]> {
    return this.#database.all<Row>(`SELECT ${COLUMNS} FROM clients ORDER BY created DESC, id`).map(clientOf);
  }

  #one(column: "id" | "fingerprint", value: string): RegisteredClient | undefined {
    const row = this.#database.get<Row>(`SELECT ${COLUMNS} FROM clients WHERE ${column} = ?`, value);
    return row && clientOf(row);
  }
}

const clientOf = ({ metadata, used, ...same }: Row): RegisteredClient => ({
  ...same,
  metadata: JSON.parse(metadata) as ClientMetadata,
  used: used ?? undefined,
});

export class SqliteDocuments implements Documents {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(url: string): Promise<string | undefined> {
    return this.#database.get<{ body: string }>("SELECT body FROM documents WHERE url = ?", url)?.body;
  }

  async keep(url: string, body: string): Promise<void> {
    this.#database.run("INSERT OR REPLACE INTO documents (url, body, fetched) VALUES (?, ?, ?)", url, body, now());
  }

  async list(): Promise<KeptDocument[]> {
    return this.#database.all(
      "SELECT url, json_extract(body, '$.client_name') AS name, fetched FROM documents ORDER BY fetched DESC, url",
    );
  }
}
