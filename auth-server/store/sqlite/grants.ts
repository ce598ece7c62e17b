/** Grants and their revocations, in SQLite. */
import {
  USED_AGAIN,
  type Grant,
  type Grants,
  type GrantsOf,
  type NewGrant,
  type Revocations,
  type Revoked,
} from "../contract/grants.ts";
import { now, type Database } from "./database.ts";

interface Row {
  readonly id: string;
  readonly account: string;
  readonly client: string;
  readonly client_name: string | null;
  readonly redirect_uri: string;
  readonly resource: string;
  readonly scope: string;
  readonly created: number;
  readonly used: number;
  readonly address: string | null;
}

export class SqliteGrants implements Grants {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(grant: NewGrant): Promise<void> {
    this.#database.transaction(() => {
      this.#insert(grant);
      this.#database.run("UPDATE clients SET used = ? WHERE id = ?", now(), grant.client);
    });
  }

  async find(id: string): Promise<Grant | undefined> {
    return this.#find(id);
  }

  async list(only: GrantsOf = {}): Promise<Grant[]> {
    return this.#list(only);
  }

  async touch({ id, used }: Pick<Grant, "id" | "used">): Promise<void> {
    if (used <= now() - USED_AGAIN) noteUse(this.#database, id);
  }

  async end(id: string): Promise<Grant | undefined> {
    return this.#database.transaction(() => this.#end(id));
  }

  async endAll(only: GrantsOf): Promise<Grant[]> {
    return this.#database.transaction(() => {
      const found = this.#list(only);
      for (const { id } of found) this.#end(id);
      return found;
    });
  }

  #insert(grant: NewGrant): void {
    const { id, account, client, clientName, redirectUri, resource, scope, address } = grant;
    this.#database.run(
      `INSERT OR REPLACE INTO grants (id, account, client, client_name, redirect_uri, resource, scope, created, used, address)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      account,
      client,
      clientName ?? null,
      redirectUri,
      resource,
      scope,
      now(),
      now(),
      address ?? null,
    );
  }

  #find(id: string): Grant | undefined {
    const row = this.#database.get<Row>("SELECT * FROM grants WHERE id = ?", id);
    return row && grantOf(row);
  }

  #list({ account, client }: GrantsOf): Grant[] {
    const sql = `SELECT * FROM grants WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR client = ?2) ORDER BY created DESC, id`;
    return this.#database.all<Row>(sql, account ?? null, client ?? null).map(grantOf);
  }

  #end(id: string): Grant | undefined {
    const grant = this.#find(id);
    const ended = this.#database.run("DELETE FROM records WHERE grant_id = ? OR (model = 'Grant' AND id = ?)", id, id);
    if (grant || ended > 0) tellRevoked(this.#database, id);
    this.#database.run("DELETE FROM grants WHERE id = ?", id);
    return grant;
  }
}

export class SqliteRevocations implements Revocations {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async last(): Promise<number> {
    // Those of before may have been swept; SQLite remembers the number (AUTOINCREMENT).
    const sql = "SELECT seq AS last FROM sqlite_sequence WHERE name = 'revocations'";
    return this.#database.get<{ last: number }>(sql)?.last ?? 0;
  }

  async after(number: number): Promise<Revoked[]> {
    const sql = "SELECT number, grant_id AS grant, account, client FROM revocations WHERE number > ? ORDER BY number";
    return this.#database.all<Revoked>(sql, number);
  }
}

/** Notes that a token was issued or used, once in a while. */
export function noteUse(database: Database, id: string): void {
  const used = "SELECT 1 AS known FROM grants WHERE id = ? AND used > ?";
  if (database.get(used, id, now() - USED_AGAIN)) return; // reading waits for no other process
  database.run("UPDATE grants SET used = ? WHERE id = ?", now(), id);
}

/** Whoever remembers a token of this grant asks again. */
export const tellRevoked = (database: Database, id: string): number =>
  database.run(
    `INSERT INTO revocations (grant_id, at, account, client)
     SELECT ?1, ?2, (SELECT account FROM grants WHERE id = ?1), (SELECT client FROM grants WHERE id = ?1)`,
    id,
    now(),
  );

const grantOf = ({ client_name: clientName, redirect_uri: redirectUri, address, ...same }: Row): Grant => ({
  ...same,
  address: address ?? undefined,
  clientName: clientName ?? undefined,
  redirectUri,
});
