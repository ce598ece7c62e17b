/** The records of oidc-provider: codes, tokens, sessions, interactions, grants. Of a bearer secret only the digest is kept. */
import { hash } from "node:crypto";
import { errors, type Adapter, type AdapterPayload } from "oidc-provider";
import { now, type Database } from "./database.ts";
import { endGrant, tellRevoked, touchGrant } from "./grants.ts";

/** Seconds in which a refresh token may be used again: clients refresh in parallel, from several addresses. */
export const REUSE_GRACE = 120;

/**
 * How many refresh tokens of a grant may wait to be used. Each use within the grace makes one more, so without a bound one token
 * would become any number of them. Real clients refresh with up to ten requests at once.
 */
export const MOST_REFRESH_TOKENS = 20;

/** Their ids are names that are logged; the ids of all others open something. */
const NAMED = new Set(["Grant", "Client"]);

/** What comes of a grant, and ends with it. */
const OF_GRANT = new Set(["AuthorizationCode", "AccessToken", "RefreshToken"]);

/** Stands for the id in a payload at rest. JSON writes this character as an escape, so nothing else can be it. */
const HIDDEN = "\u0001";

interface Row {
  readonly payload: string;
  readonly consumed: number | null;
}

/** The records of one model. */
export class SqliteAdapter implements Adapter {
  readonly #database: Database;
  readonly #model: string;

  constructor(database: Database, model: string) {
    this.#database = database;
    this.#model = model;
  }

  /** @throws InvalidGrant for a token whose grant has been revoked meanwhile, perhaps by another process */
  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { grantId } = payload;
    const values = [
      this.#key(id),
      this.#written(id, payload),
      grantId ?? null,
      payload.uid ?? null,
      expiresIn ? Date.now() / 1_000 + expiresIn : null,
    ];
    const needsGrant = OF_GRANT.has(this.#model) && grantId !== undefined;
    const condition = needsGrant ? "WHERE EXISTS (SELECT 1 FROM records WHERE model = 'Grant' AND id = ?)" : "WHERE 1";
    const changed = this.#database.run(
      `INSERT INTO records (model, id, payload, grant_id, uid, expires) SELECT ?, ?, ?, ?, ?, ? ${condition}
       ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid, expires = excluded.expires`,
      this.#model,
      ...values,
      ...(needsGrant ? [grantId] : []),
    );
    if (changed === 0) throw new errors.InvalidGrant("the grant has been revoked");
    if (grantId === undefined) return;
    if (this.#model === "AccessToken") touchGrant(this.#database, grantId);
    if (this.#model === "RefreshToken") this.#makeRoom(grantId);
  }

  /** Forgets the oldest refresh tokens of a grant that nobody has used. Those that were used stay: a replay must be noticed. */
  #makeRoom(grantId: string): void {
    const rest = `SELECT id FROM records WHERE model = 'RefreshToken' AND grant_id = ? AND consumed IS NULL
      ORDER BY expires DESC LIMIT -1 OFFSET ?`;
    this.#database.run(
      `DELETE FROM records WHERE model = 'RefreshToken' AND id IN (${rest})`,
      grantId,
      MOST_REFRESH_TOKENS,
    );
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const sql = "SELECT payload, consumed FROM records WHERE model = ? AND id = ? AND (expires IS NULL OR expires > ?)";
    const row = this.#database.get<Row>(sql, this.#model, this.#key(id), now());
    return row && this.#read(row, id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const sql =
      "SELECT payload, consumed FROM records WHERE model = ? AND uid = ? AND (expires IS NULL OR expires > ?)";
    const row = this.#database.get<Row>(sql, this.#model, uid, now());
    return row && this.#read(row, "");
  }

  async findByUserCode(): Promise<undefined> {}

  /**
   * Marks it as used. A code is used once, whichever process takes it; a refresh token keeps the time of its first use.
   * @throws InvalidGrant for a code that somebody else has just used
   */
  async consume(id: string): Promise<void> {
    const sql = "UPDATE records SET consumed = ? WHERE model = ? AND id = ? AND consumed IS NULL";
    const changed = this.#database.run(sql, Date.now() / 1_000, this.#model, this.#key(id));
    if (changed === 0 && this.#model !== "RefreshToken") throw new errors.InvalidGrant("used already");
  }

  async destroy(id: string): Promise<void> {
    if (this.#model === "Grant") return endGrant(this.#database, id);
    const key = this.#key(id);
    const sql = "SELECT grant_id FROM records WHERE model = ? AND id = ?";
    const row = this.#database.get<{ grant_id: string | null }>(sql, this.#model, key);
    this.#database.run("DELETE FROM records WHERE model = ? AND id = ?", this.#model, key);
    if (this.#model === "AccessToken" && row?.grant_id) tellRevoked(this.#database, row.grant_id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    this.#database.run("DELETE FROM records WHERE model = ? AND grant_id = ?", this.#model, grantId);
    tellRevoked(this.#database, grantId);
  }

  #key(id: string): string {
    return NAMED.has(this.#model) ? id : hash("sha256", id);
  }

  /** An interaction knows the session's cookie, which nothing needs. */
  #written(id: string, payload: AdapterPayload): string {
    const { session, ...rest } = payload as AdapterPayload & { session?: { cookie?: string } };
    const kept = session === undefined ? undefined : { ...session, cookie: undefined };
    const text = JSON.stringify(kept === undefined ? rest : { ...rest, session: kept });
    return NAMED.has(this.#model) ? text : text.replaceAll(id, HIDDEN);
  }

  #read({ payload, consumed }: Row, id: string): AdapterPayload {
    const found = JSON.parse(payload.replaceAll(HIDDEN, id)) as AdapterPayload;
    return consumed === null || this.#isInGrace(consumed) ? found : { ...found, consumed };
  }

  #isInGrace(consumed: number): boolean {
    return this.#model === "RefreshToken" && Date.now() / 1_000 - consumed < REUSE_GRACE;
  }
}
