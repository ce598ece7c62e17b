/** Who may log in, in auth.sqlite. Commands change it while the server runs, so nothing is remembered. */
import { randomUUID } from "node:crypto";
import type { Database } from "../store/database.ts";
import { readName, spelled } from "./names.ts";
import { createUserTables } from "./schema.ts";
import { digestOf, newRecoveryCodes, newSecret, recoveryCode } from "./secret-words.ts";
import { newTotpSecret, stepOf } from "./totp.ts";

/** A user. Times are milliseconds since 1970. */
export interface User {
  /** Stable, and never given to another one: what tokens call `sub`. */
  readonly id: string;
  /** The e-mail address or name that they log in with, in its one spelling (names.ts). */
  readonly name: string;
  readonly teams: readonly string[];
  /** The hash; undefined until a password is set, and for those who log in elsewhere. */
  readonly password: string | undefined;
  /** Whether a code of an authenticator app is asked for. */
  readonly totp: { readonly secret: string; readonly isConfirmed: boolean } | undefined;
  readonly created: number;
  readonly lastLogin: number | undefined;
  /** When their password was last set: logins from before have ended. */
  readonly changed: number;
  readonly isDisabled: boolean;
}

/** What a user is to be. */
export interface NewUser {
  readonly name: string;
  readonly teams?: readonly string[];
  readonly password?: string | undefined;
  readonly totp?: boolean;
}

/** The name is taken, or there is nobody of that name. */
export class UserError extends Error {}

/** Milliseconds for which a link to set a password works. */
export const LINK_LIFE = 24 * 3_600_000;

type Row = Readonly<Record<string, string | number | null>>;

export class Users {
  readonly #database: Database;

  /** @param database auth.sqlite, open */
  constructor(database: Database) {
    this.#database = database;
    createUserTables(database);
  }

  list(): User[] {
    return this.#all("SELECT * FROM users ORDER BY name").map(userOf);
  }

  find(id: string): User | undefined {
    return this.#one("SELECT * FROM users WHERE id = ?", id);
  }

  /** @param name in any spelling */
  named(name: string): User | undefined {
    return this.#one("SELECT * FROM users WHERE name = ?", spelled(name));
  }

  /** @throws BadName @throws UserError when the name is taken */
  add({ name, teams = [], password, totp = false }: NewUser, now = Date.now()): User {
    const text = readName(name);
    if (this.named(text)) throw new UserError(`There is a user ${text} already. Reset or remove that one first.`);
    const id = randomUUID();
    const values = [id, text, JSON.stringify(teams), password ?? null, totp ? newTotpSecret() : null, now, now];
    this.#run(
      "INSERT INTO users (id, name, teams, password, totp, created, changed) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...values,
    );
    return this.find(id)!;
  }

  /** The user of a name. @throws UserError */
  require(name: string): User {
    const user = this.named(name);
    if (user) return user;
    throw new UserError(`There is no user ${spelled(name)}. \`users list\` shows all.`);
  }

  remove(id: string): void {
    this.#run("DELETE FROM users WHERE id = ?", id);
  }

  /** Forgets password, authenticator app, recovery codes and links: the user must set them anew. */
  reset(id: string, totp: boolean, now = Date.now()): User {
    this.#run("DELETE FROM recovery_codes WHERE user = ?", id);
    this.#run(
      "UPDATE users SET password = NULL, link = NULL, link_expires = NULL, totp = ?, totp_step = 0, totp_confirmed = 0, changed = ? WHERE id = ?",
      totp ? newTotpSecret() : null,
      now,
      id,
    );
    return this.find(id)!;
  }

  /** Whoever is disabled cannot log in, until they are enabled again. */
  setDisabled(id: string, isDisabled: boolean): void {
    this.#run("UPDATE users SET disabled = ? WHERE id = ?", isDisabled ? 1 : 0, id);
  }

  /** Sets the hash of the password, which may be the same one in another form: logins go on. */
  setPassword(id: string, hash: string): void {
    this.#run("UPDATE users SET password = ? WHERE id = ?", hash, id);
  }

  /** A login has succeeded. */
  loggedIn(id: string, now = Date.now()): void {
    this.#run("UPDATE users SET last_login = ? WHERE id = ?", now, id);
  }

  /** The secret of a link with which the user sets a password. It takes the place of an earlier one. */
  newLink(id: string, now = Date.now()): string {
    const secret = newSecret();
    this.#run("UPDATE users SET link = ?, link_expires = ? WHERE id = ?", digestOf(secret), now + LINK_LIFE, id);
    return secret;
  }

  /** Whose link it is. */
  byLink(secret: string, now = Date.now()): User | undefined {
    return this.#one("SELECT * FROM users WHERE link = ? AND link_expires > ? AND disabled = 0", digestOf(secret), now);
  }

  /** Uses a link up. @returns false when somebody has used it meanwhile */
  useLink(secret: string, hash: string, now = Date.now()): boolean {
    return this.#run(
      "UPDATE users SET password = ?, link = NULL, link_expires = NULL, changed = ? WHERE link = ? AND link_expires > ? AND disabled = 0",
      hash,
      now,
      digestOf(secret),
      now,
    );
  }

  /** Takes a code of the authenticator app. @returns false when it is wrong or was used */
  useTotp(id: string, code: string, now = Date.now()): boolean {
    const row = this.#all("SELECT totp, totp_step FROM users WHERE id = ?", id).at(0);
    const step = row?.["totp"] ? stepOf(code, String(row["totp"]), Number(row["totp_step"]), now) : undefined;
    if (step === undefined) return false;
    const isFirst = "UPDATE users SET totp_step = ?, totp_confirmed = 1 WHERE id = ? AND totp_step < ?";
    return this.#run(isFirst, step, id, step);
  }

  /** New recovery codes instead of the old ones. They are told once. */
  newRecoveryCodes(id: string): string[] {
    const codes = newRecoveryCodes();
    this.#run("DELETE FROM recovery_codes WHERE user = ?", id);
    for (const code of codes) this.#run("INSERT INTO recovery_codes (user, digest) VALUES (?, ?)", id, digestOf(code));
    return codes;
  }

  /** Takes a recovery code, which works once. */
  useRecoveryCode(id: string, typed: string): boolean {
    return this.#run("DELETE FROM recovery_codes WHERE user = ? AND digest = ?", id, digestOf(recoveryCode(typed)));
  }

  /** Who has logged in elsewhere as this subject. */
  ofIdentity(issuer: string, subject: string): User | undefined {
    return this.#one(
      "SELECT users.* FROM users JOIN identities ON identities.user = users.id WHERE issuer = ? AND subject = ?",
      issuer,
      subject,
    );
  }

  /** The subject of another issuer from which a user logs in there; undefined = they have not yet. */
  subjectOf(id: string, issuer: string): string | undefined {
    const row = this.#all("SELECT subject FROM identities WHERE user = ? AND issuer = ?", id, issuer).at(0);
    return row && String(row["subject"]);
  }

  addIdentity(id: string, issuer: string, subject: string): void {
    this.#run("INSERT INTO identities (issuer, subject, user) VALUES (?, ?, ?)", issuer, subject, id);
  }

  #all(sql: string, ...values: readonly (string | number | null)[]): Row[] {
    return this.#database.all<Row>(sql, ...values);
  }

  #one(sql: string, ...values: readonly (string | number)[]): User | undefined {
    const row = this.#all(sql, ...values).at(0);
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
  totp: row["totp"] === null ? undefined : { secret: String(row["totp"]), isConfirmed: row["totp_confirmed"] === 1 },
  created: Number(row["created"]),
  changed: Number(row["changed"]),
  lastLogin: row["last_login"] === null ? undefined : Number(row["last_login"]),
  isDisabled: row["disabled"] === 1,
});
