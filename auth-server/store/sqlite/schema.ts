/**
 * The tables of auth.sqlite. The release before and the one after use the file at the same time, so a later one may only add
 * tables, and columns that may be NULL. Times are seconds since 1970; those of users and logins are milliseconds.
 */
export const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS records (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, grant_id TEXT, uid TEXT, consumed REAL, expires INTEGER,
    PRIMARY KEY (model, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS records_grant ON records (grant_id);
  CREATE INDEX IF NOT EXISTS records_uid ON records (uid);
  CREATE INDEX IF NOT EXISTS records_expires ON records (expires);
  CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, client TEXT NOT NULL, client_name TEXT, redirect_uri TEXT NOT NULL,
    resource TEXT NOT NULL, scope TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS clients (
    id TEXT PRIMARY KEY, metadata TEXT NOT NULL, fingerprint TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, used INTEGER
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS documents (url TEXT PRIMARY KEY, body TEXT NOT NULL, fetched INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS revocations (number INTEGER PRIMARY KEY AUTOINCREMENT, grant_id TEXT NOT NULL, at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
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
  CREATE TABLE IF NOT EXISTS consents (
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client TEXT NOT NULL,
    redirect TEXT NOT NULL,
    resource TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (user, client, redirect, resource)
  ) STRICT;
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

/** Columns that were not there in the first release. All are TEXT. */
export const ADDED = [
  ["grants", "address"],
  ["revocations", "account"],
  ["revocations", "client"],
] as const;
