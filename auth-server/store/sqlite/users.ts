/** Users, in SQLite. */
import type { AddedUser, IdentityKey, Link, Reset, User, UserStore } from "../contract/users.ts";
import type { Database } from "./database.ts";

type Row = Readonly<Record<string, string | number | null>>;

const OF_IDENTITY = `SELECT users.* FROM users JOIN identities ON identities.user = users.id WHERE issuer = ? AND subject = ?`;

/** What a link must be to work. */
const WORKS = "link = ? AND link_expires > ? AND disabled = 0";

export class SqliteUsers implements UserStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(): Promise<User[]> {
    return this.#database.all<Row>("SELECT * FROM users ORDER BY name").map(userOf);
  }

  async find(id: string): Promise<User | undefined> {
    return this.#one("SELECT * FROM users WHERE id = ?", id);
  }

  async named(name: string): Promise<User | undefined> {
    return this.#one("SELECT * FROM users WHERE name = ?", name);
  }

  async add(user: AddedUser): Promise<boolean> {
    return this.#add(user);
  }

  async remove(id: string): Promise<boolean> {
    return this.#run("DELETE FROM users WHERE id = ?", id); // the other tables follow
  }

  async reset(id: string, { password, totp, at }: Reset): Promise<User | undefined> {
    return this.#database.transaction(() => {
      this.#run("DELETE FROM recovery_codes WHERE user = ?", id);
      this.#run(
        `UPDATE users SET password = ?, link = NULL, link_expires = NULL, totp = ?, totp_step = 0, totp_confirmed = 0, changed = ?
         WHERE id = ?`,
        password ?? null,
        totp ?? null,
        at,
        id,
      );
      return this.#one("SELECT * FROM users WHERE id = ?", id);
    });
  }

  async setDisabled(id: string, isDisabled: boolean): Promise<void> {
    this.#run("UPDATE users SET disabled = ? WHERE id = ?", isDisabled ? 1 : 0, id);
  }

  async replacePassword(id: string, from: string, to: string): Promise<boolean> {
    return this.#run("UPDATE users SET password = ? WHERE id = ? AND password = ?", to, id, from);
  }

  async setLastLogin(id: string, at: number): Promise<void> {
    this.#run("UPDATE users SET last_login = ? WHERE id = ?", at, id);
  }

  async setLink(id: string, { digest, expires }: Link): Promise<void> {
    this.#run("UPDATE users SET link = ?, link_expires = ? WHERE id = ?", digest, expires, id);
  }

  async ofLink(digest: string, at: number): Promise<User | undefined> {
    return this.#one(`SELECT * FROM users WHERE ${WORKS}`, digest, at);
  }

  async useLink(digest: string, password: string, at: number): Promise<boolean> {
    const set = "UPDATE users SET password = ?, link = NULL, link_expires = NULL, changed = ?";
    return this.#run(`${set} WHERE ${WORKS}`, password, at, digest, at);
  }

  async useTotpStep(id: string, secret: string, step: number): Promise<boolean> {
    const set = "UPDATE users SET totp_step = ?, totp_confirmed = 1";
    return this.#run(`${set} WHERE id = ? AND totp = ? AND totp_step < ?`, step, id, secret, step);
  }

  async setRecoveryCodes(id: string, digests: readonly string[]): Promise<void> {
    const add = "INSERT INTO recovery_codes (user, digest) SELECT id, ? FROM users WHERE id = ?";
    this.#database.transaction(() => {
      this.#run("DELETE FROM recovery_codes WHERE user = ?", id);
      for (const digest of digests) this.#run(add, digest, id);
    });
  }

  async useRecoveryCode(id: string, digest: string): Promise<boolean> {
    return this.#run("DELETE FROM recovery_codes WHERE user = ? AND digest = ?", id, digest);
  }

  async ofIdentity({ issuer, subject }: IdentityKey, user: AddedUser): Promise<User | undefined> {
    const first = () => this.#one(OF_IDENTITY, issuer, subject) ?? this.#firstLogin(issuer, subject, user);
    return this.#one(OF_IDENTITY, issuer, subject) ?? this.#database.transaction(first);
  }

  #firstLogin(issuer: string, subject: string, user: AddedUser): User | undefined {
    this.#add(user);
    const add = `INSERT OR IGNORE INTO identities (issuer, subject, user) SELECT ?1, ?2, id FROM users
      WHERE name = ?3 AND NOT EXISTS (SELECT 1 FROM identities WHERE user = users.id AND issuer = ?1)`;
    this.#run(add, issuer, subject, user.name);
    return this.#one(OF_IDENTITY, issuer, subject);
  }

  #add({ id, name, teams, password, totp, created }: AddedUser): boolean {
    return this.#run(
      "INSERT OR IGNORE INTO users (id, name, teams, password, totp, created, changed) VALUES (?, ?, ?, ?, ?, ?, ?)",
      id,
      name,
      JSON.stringify(teams),
      password ?? null,
      totp ?? null,
      created,
      created,
    );
  }

  #one(sql: string, ...values: readonly (string | number)[]): User | undefined {
    const row = this.#database.get<Row>(sql, ...values);
    return row && userOf(row);
  }

  /** @returns whether a row has changed */
  #run(sql: string, ...values: readonly (string | number | null)[]): boolean {
    return this.#database.run(sql, ...values) > 0;
  }
}

const userOf = (row: Row): User => ({
  id: String(row["id"]),
  name: String(row["name"]),
  teams: JSON.parse(String(row["teams"])) as string[],
  password: row["password"] === null ? undefined : String(row["password"]),
  totp:
    row["totp"] === null
      ? undefined
      : { secret: String(row["totp"]), isConfirmed: row["totp_confirmed"] === 1, step: Number(row["totp_step"]) },
  created: Number(row["created"]),
  changed: Number(row["changed"]),
  lastLogin: row["last_login"] === null ? undefined : Number(row["last_login"]),
  isDisabled: row["disabled"] === 1,
});
