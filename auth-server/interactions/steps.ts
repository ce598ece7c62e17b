/** How far each login is. In auth.sqlite, so that a login goes on after a restart. */
import type { Database } from "../store/database.ts";
import { digestOf } from "../users/secret-words.ts";

const TABLE = `
  CREATE TABLE IF NOT EXISTS login_steps (
    uid TEXT PRIMARY KEY,
    browser TEXT NOT NULL,
    account TEXT,
    state TEXT,
    nonce TEXT,
    verifier TEXT,
    expires INTEGER NOT NULL
  ) STRICT;
`;

/** How far a login is. */
export interface Step {
  /** The digest of the browser's secret. */
  readonly browser: string;
  /** Who has given the right password, and owes a code. */
  readonly account: string | null;
  /** The digest of the state that another login is to return with. */
  readonly state: string | null;
  readonly nonce: string | null;
  readonly verifier: string | null;
}

/** What a login elsewhere is to return with. */
export interface Expected {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Milliseconds for which a step is kept: longer than an interaction lives. */
const LIFE = 2 * 3_600_000;

export class Steps {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.exec(TABLE);
  }

  /** The step of a login, which belongs to this browser from its first page on; undefined = it is another browser's. */
  of(uid: string, browser: string, now = Date.now()): Step | undefined {
    this.#database.run("DELETE FROM login_steps WHERE expires < ?", now);
    this.#database.run(
      "INSERT OR IGNORE INTO login_steps (uid, browser, expires) VALUES (?, ?, ?)",
      digestOf(uid),
      digestOf(browser),
      now + LIFE,
    );
    return this.begun(uid, browser);
  }

  /** The step of a login that this browser has begun. */
  begun(uid: string, browser: string): Step | undefined {
    const sql = "SELECT browser, account, state, nonce, verifier FROM login_steps WHERE uid = ? AND browser = ?";
    return this.#database.get<Step>(sql, digestOf(uid), digestOf(browser));
  }

  /** Who has given the right password; undefined = the login starts again. */
  setAccount(uid: string, account: string | undefined): void {
    this.#database.run("UPDATE login_steps SET account = ? WHERE uid = ?", account ?? null, digestOf(uid));
  }

  expect(uid: string, { state, nonce, verifier }: Expected): void {
    const sql = "UPDATE login_steps SET state = ?, nonce = ?, verifier = ? WHERE uid = ?";
    this.#database.run(sql, digestOf(state), nonce, verifier, digestOf(uid));
  }

  /** Takes what was expected: it counts once. @returns undefined when the state is another one */
  take(uid: string, state: string): Omit<Expected, "state"> | undefined {
    const row = this.#database.get<{ nonce: string; verifier: string }>(
      "SELECT nonce, verifier FROM login_steps WHERE uid = ? AND state = ?",
      digestOf(uid),
      digestOf(state),
    );
    const sql = "UPDATE login_steps SET state = NULL, nonce = NULL, verifier = NULL WHERE uid = ? AND state = ?";
    return row && this.#database.run(sql, digestOf(uid), digestOf(state)) > 0 ? row : undefined;
  }
}
