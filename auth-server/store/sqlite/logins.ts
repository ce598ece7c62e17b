/** Logins that are under way, and consents, in SQLite. */
import type { ConsentKey, ConsentStore, Expected, LoginSteps, Step } from "../contract/logins.ts";
import type { Database } from "./database.ts";

export class SqliteLoginSteps implements LoginSteps {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async begin(uid: string, browser: string, expires: number): Promise<Step | undefined> {
    const sql = "INSERT OR IGNORE INTO login_steps (uid, browser, expires) VALUES (?, ?, ?)";
    this.#database.run("DELETE FROM login_steps WHERE uid = ? AND expires < ?", uid, Date.now());
    this.#database.run(sql, uid, browser, expires);
    return this.#find(uid, browser);
  }

  async find(uid: string, browser: string): Promise<Step | undefined> {
    return this.#find(uid, browser);
  }

  async setAccount(uid: string, account: string | null): Promise<void> {
    this.#database.run("UPDATE login_steps SET account = ? WHERE uid = ?", account, uid);
  }

  async expect(uid: string, { state, nonce, verifier }: Expected): Promise<void> {
    const sql = "UPDATE login_steps SET state = ?, nonce = ?, verifier = ? WHERE uid = ?";
    this.#database.run(sql, state, nonce, verifier, uid);
  }

  async take(uid: string, state: string): Promise<Omit<Expected, "state"> | undefined> {
    const sql = "SELECT nonce, verifier FROM login_steps WHERE uid = ? AND state = ?";
    const take = "UPDATE login_steps SET state = NULL, nonce = NULL, verifier = NULL WHERE uid = ? AND state = ?";
    return this.#database.transaction(() => {
      const found = this.#database.get<Omit<Expected, "state">>(sql, uid, state);
      this.#database.run(take, uid, state);
      return found;
    });
  }

  #find(uid: string, browser: string): Step | undefined {
    const sql = "SELECT account FROM login_steps WHERE uid = ? AND browser = ? AND expires >= ?";
    return this.#database.get<Step>(sql, uid, browser, Date.now());
  }
}

export class SqliteConsents implements ConsentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async scopesOf(key: ConsentKey): Promise<string[]> {
    return this.#scopesOf(key);
  }

  async add(key: ConsentKey, scopes: readonly string[]): Promise<void> {
    this.#database.transaction(() => {
      const all = [...new Set([...this.#scopesOf(key), ...scopes])].toSorted();
      this.#write(key, all.join(" "));
    });
  }

  #write({ user, client, redirect, resource }: ConsentKey, scopes: string): void {
    this.#database.run(
      `INSERT INTO consents (user, client, redirect, resource, scopes, created)
       SELECT id, ?, ?, ?, ?, ? FROM users WHERE id = ?
       ON CONFLICT (user, client, redirect, resource) DO UPDATE SET scopes = excluded.scopes`,
      client,
      redirect,
      resource,
      scopes,
      Date.now(),
      user,
    );
  }

  #scopesOf({ user, client, redirect, resource }: ConsentKey): string[] {
    const sql = "SELECT scopes FROM consents WHERE user = ? AND client = ? AND redirect = ? AND resource = ?";
    const row = this.#database.get<{ scopes: string }>(sql, user, client, redirect, resource);
    return row === undefined ? [] : row.scopes.split(" ");
  }
}
