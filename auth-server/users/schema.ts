/** The tables of users in auth.sqlite. */
import type { Database } from "../store/database.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    teams TEXT NOT NULL,
    password TEXT,
    totp TEXT,
    totp_step INTEGER NOT NULL DEFAULT 0,
    totp_confirmed INTEGER NOT NULL DEFAULT 0,
    link TEXT UNIQUE,
    link_expires INTEGER,
    created INTEGER NOT NULL,
    last_login INTEGER,
    changed INTEGER NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS recovery_codes (
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    PRIMARY KEY (user, digest)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
  ) STRICT;
`;

/** Makes the tables of users where there are none. */
export const createUserTables = (database: Database): void => database.exec(TABLES);
