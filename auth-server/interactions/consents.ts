/** What users have allowed before: a client with one redirect, at one service. */
import type { Database } from "../store/database.ts";

const TABLE = `
  CREATE TABLE IF NOT EXISTS consents (
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client TEXT NOT NULL,
    redirect TEXT NOT NULL,
    resource TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (user, client, redirect, resource)
  ) STRICT;
`;

/** What is asked for. */
export interface Asked {
  readonly user: string;
  readonly client: string;
  readonly redirect: string;
  readonly resource: string;
  readonly scopes: readonly string[];
}

export class Consents {
  readonly #database: Database;

  /** @param database in which the tables of users are there already */
  constructor(database: Database) {
    this.#database = database;
    database.exec(TABLE);
  }

  /** Whether a user has allowed all of this before. */
  covers(asked: Asked): boolean {
    const known = new Set(this.#scopesOf(asked));
    return asked.scopes.length > 0 && asked.scopes.every((scope) => known.has(scope));
  }

  /** Remembers what is allowed, besides what was. */
  remember(asked: Asked, now = Date.now()): void {
    const { user, client, redirect, resource, scopes } = asked;
    const all = [...new Set([...this.#scopesOf(asked), ...scopes])].toSorted();
    this.#database.run(
      `INSERT INTO consents (user, client, redirect, resource, scopes, created) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (user, client, redirect, resource) DO UPDATE SET scopes = excluded.scopes`,
      user,
      client,
      withoutPort(redirect),
      resource,
      all.join(" "),
      now,
    );
  }

  #scopesOf({ user, client, redirect, resource }: Asked): string[] {
    const row = this.#database.get<{ scopes: string }>(
      "SELECT scopes FROM consents WHERE user = ? AND client = ? AND redirect = ? AND resource = ?",
      user,
      client,
      withoutPort(redirect),
      resource,
    );
    return row === undefined ? [] : row.scopes.split(" ");
  }
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** A program on the user's computer has another port each time (RFC 8252, section 7.3). */
function withoutPort(redirect: string): string {
  if (!URL.canParse(redirect)) return redirect;
  const url = new URL(redirect);
  if (url.protocol !== "http:" || !LOOPBACK.has(url.hostname)) return redirect;
  url.port = "";
  return url.href;
}
