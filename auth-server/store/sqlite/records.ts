/** The records of oidc-provider, in SQLite. */
import { MOST_REFRESH_TOKENS, OF_GRANT, type FoundRecord, type NewRecord, type Records } from "../contract/records.ts";
import { now, type Database } from "./database.ts";
import { noteUse, tellRevoked } from "./grants.ts";

interface Row {
  readonly payload: string;
  readonly consumed: number | null;
}

export class SqliteRecords implements Records {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async save(model: string, key: string, record: NewRecord): Promise<boolean> {
    const { grantId } = record;
    if (grantId === undefined || !OF_GRANT.has(model)) return this.#write(model, key, record);
    return this.#database.transaction(() => {
      if (!this.#write(model, key, record, grantId)) return false;
      if (model === "AccessToken") noteUse(this.#database, grantId);
      if (model === "RefreshToken") this.#makeRoom(grantId);
      return true;
    });
  }

  async find(model: string, key: string): Promise<FoundRecord | undefined> {
    return this.#one("id", model, key);
  }

  async findByUid(model: string, uid: string): Promise<FoundRecord | undefined> {
    return this.#one("uid", model, uid);
  }

  async consume(model: string, key: string, at: number): Promise<boolean> {
    const sql = "UPDATE records SET consumed = ? WHERE model = ? AND id = ? AND consumed IS NULL";
    return this.#database.run(sql, at, model, key) > 0;
  }

  async remove(model: string, key: string): Promise<boolean> {
    const sql = "DELETE FROM records WHERE model = ? AND id = ? RETURNING grant_id AS grantId";
    return this.#database.transaction(() => {
      const row = this.#database.get<{ grantId: string | null }>(sql, model, key);
      if (model === "AccessToken" && row?.grantId) tellRevoked(this.#database, row.grantId);
      return row !== undefined;
    });
  }

  async removeOfGrant(model: string, grantId: string): Promise<void> {
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM records WHERE model = ? AND grant_id = ?", model, grantId);
      tellRevoked(this.#database, grantId);
    });
  }

  async endSession(uid: string): Promise<void> {
    this.#database.run("DELETE FROM records WHERE model = 'Session' AND uid = ?", uid);
  }

  /** @param needed the grant without which nothing is written */
  #write(model: string, key: string, { payload, grantId, uid, expires }: NewRecord, needed?: string): boolean {
    const condition =
      needed === undefined ? "WHERE 1" : "WHERE EXISTS (SELECT 1 FROM records WHERE model = 'Grant' AND id = ?)";
    const changed = this.#database.run(
      `INSERT INTO records (model, id, payload, grant_id, uid, expires) SELECT ?, ?, ?, ?, ?, ? ${condition}
       ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid, expires = excluded.expires`,
      model,
      key,
      payload,
      grantId ?? null,
      uid ?? null,
      expires ?? null,
      ...(needed === undefined ? [] : [needed]),
    );
    return changed > 0;
  }

  #makeRoom(grantId: string): void {
    const rest = `SELECT id FROM records WHERE model = 'RefreshToken' AND grant_id = ? AND consumed IS NULL
      ORDER BY expires DESC LIMIT -1 OFFSET ?`;
    const sql = `DELETE FROM records WHERE model = 'RefreshToken' AND id IN (${rest})`;
    this.#database.run(sql, grantId, MOST_REFRESH_TOKENS);
  }

  #one(column: "id" | "uid", model: string, value: string): FoundRecord | undefined {
    const sql = `SELECT payload, consumed FROM records WHERE model = ? AND ${column} = ? AND (expires IS NULL OR expires > ?)`;
    const row = this.#database.get<Row>(sql, model, value, now());
    return row && { payload: row.payload, consumed: row.consumed ?? undefined };
  }
}
