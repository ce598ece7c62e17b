/**
 * Everything that the authorization server keeps. Several processes use one store at once: the release before and the one after,
 * the operator's commands, servers on other machines. Each method is one step that happens as a whole or not at all, and nobody
 * reads here to decide what to write.
 *
 * Times are the clock of the process that asks (`Date.now()`). Texts are kept as they are; a secret never gets here but as a digest.
 */
import type { Clients, Documents } from "./contract/clients.ts";
import type { Grants, Revocations } from "./contract/grants.ts";
import type { ConsentStore, LoginSteps } from "./contract/logins.ts";
import type { Records } from "./contract/records.ts";
import type { UserStore } from "./contract/users.ts";

/** Every method rejects with `StoreAway` when the store cannot be used. */
export interface Store {
  readonly records: Records;
  readonly grants: Grants;
  readonly revocations: Revocations;
  readonly clients: Clients;
  readonly documents: Documents;
  readonly keys: Keys;
  readonly users: UserStore;
  readonly consents: ConsentStore;
  readonly steps: LoginSteps;
  /** Resolves when the store answers, and lets itself be written. @throws StoreRefused when waiting will not help */
  isThere(): Promise<void>;
  /** Removes what has expired, and what is too much. Several processes may do it at once. */
  sweep(): Promise<void>;
  /** Resolves when what was asked for is done, and nothing of it keeps the process alive. Never rejects. */
  close(): Promise<void>;
}

/** A secret that the server makes for itself and keeps. */
export interface Key {
  readonly name: string;
  readonly value: string;
  /** Seconds since 1970. */
  readonly created: number;
}

export interface Keys {
  /** The value of a name, which is `value` where there was none. Processes that start at once agree on one. */
  keep(name: string, value: string): Promise<string>;
  /** The keys whose names begin so, the newest first, at most `most`. */
  list(beginning: string, most: number): Promise<Key[]>;
}

/** Seconds after which a client may try again. */
export const RETRY_AFTER = 5;

/**
 * The store cannot be used: it is not reached, too slow, full. It may be soon, so whoever asks is told to come again. It has the
 * shape of an error of oidc-provider (which is not loaded for that: commands would take half a second longer), because that
 * answers any other one with a server_error, which makes clients give up, or with its text.
 */
export class StoreAway extends Error {
  readonly error = "temporarily_unavailable";
  readonly error_description = "the login server cannot reach its database: try again in a few seconds";
  /** What the database has said, for the log. */
  readonly error_detail: string;
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;
  readonly allow_redirect = true;

  constructor(cause: unknown) {
    super("temporarily_unavailable", { cause });
    this.error_detail = cause instanceof Error ? cause.message : String(cause);
  }
}

/** The store does not let itself be used as it is set up: a wrong password, a wrong version. Its message is for the operator. */
export class StoreRefused extends Error {}
