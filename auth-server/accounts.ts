/** Who may log in. The users of this server are one kind (users/); a test brings its own. */

/** A user. */
export interface Account {
  /** Stable, and never given to another one. */
  readonly id: string;
  /** The e-mail address or name, as an entry's `allow` writes it. */
  readonly username: string;
  readonly teams: readonly string[];
}

/** Finds users. */
export interface Accounts {
  /** The user; undefined when there is none, or when it may no longer log in: its tokens then end. */
  find(id: string): Promise<Account | undefined>;
}
