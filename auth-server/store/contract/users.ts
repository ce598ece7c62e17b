/** Users: who may log in. All times are milliseconds since 1970; digests are of secrets that are not kept. */

/** A user. */
export interface User {
  /** Stable, and never given to another one: what tokens call `sub`. */
  readonly id: string;
  /** The e-mail address or name that they log in with, in its one spelling (names.ts). */
  readonly name: string;
  readonly teams: readonly string[];
  /** The hash; undefined until a password is set, and for those who log in elsewhere. */
  readonly password: string | undefined;
  /** Whether a code of an authenticator app is asked for. */
  readonly totp: Totp | undefined;
  readonly created: number;
  readonly lastLogin: number | undefined;
  /** When their password was last set: logins from before have ended. */
  readonly changed: number;
  readonly isDisabled: boolean;
}

/** An authenticator app. */
export interface Totp {
  readonly secret: string;
  /** Whether a code of it was ever right. */
  readonly isConfirmed: boolean;
  /** The step of the last code that was used; 0 = none yet. */
  readonly step: number;
}

/** A user who is to be added. */
export interface AddedUser {
  readonly id: string;
  readonly name: string;
  readonly teams: readonly string[];
  readonly password: string | undefined;
  /** The secret of an authenticator app. @default - none is asked for */
  readonly totp: string | undefined;
  /** Now. `changed` is the same. */
  readonly created: number;
}

/** What a reset leaves a user with. */
export interface Reset {
  /** The hash. @default - it must be set anew */
  readonly password: string | undefined;
  /** The secret of another authenticator app, which is not confirmed, without a step. @default - none is asked for */
  readonly totp: string | undefined;
  /** Now, which `changed` becomes. */
  readonly at: number;
}

/** A link with which a user sets a password. */
export interface Link {
  readonly digest: string;
  readonly expires: number;
}

/** Who somebody is at another issuer. */
export interface IdentityKey {
  readonly issuer: string;
  readonly subject: string;
}

/** Every method is one step, whatever other processes do meanwhile. Of a user who is not there nothing is kept. */
export interface UserStore {
  /** All, by their names. */
  list(): Promise<User[]>;
  find(id: string): Promise<User | undefined>;
  named(name: string): Promise<User | undefined>;
  /** @returns false when the name is taken */
  add(user: AddedUser): Promise<boolean>;
  /** Forgets a user with recovery codes, link, identities and consents. @returns false when there was none */
  remove(id: string): Promise<boolean>;
  /** Forgets password, authenticator app, recovery codes and link. @returns the user afterwards; undefined when there is none */
  reset(id: string, reset: Reset): Promise<User | undefined>;
  setDisabled(id: string, isDisabled: boolean): Promise<void>;
  /** Sets the hash of the same password in another form: logins go on. @returns false when it is not `from` any more */
  replacePassword(id: string, from: string, to: string): Promise<boolean>;
  setLastLogin(id: string, at: number): Promise<void>;
  /** Gives a user a link, which takes the place of an earlier one. */
  setLink(id: string, link: Link): Promise<void>;
  /** Whose link it is; undefined when there is none, it has expired (`expires <= at`), or its user is disabled. */
  ofLink(digest: string, at: number): Promise<User | undefined>;
  /**
   * Uses a link up, which sets the password, and `changed` to `at`. Once, whoever else uses it at the same time.
   * @param password the hash
   * @returns false when `ofLink` would find nobody
   */
  useLink(digest: string, password: string, at: number): Promise<boolean>;
  /**
   * Takes a code of the authenticator app, which confirms the app. Of several for one step, or a step before it, one is taken.
   * @param secret the app's, as the code was checked with: another one may have taken its place
   * @returns false when this step, or a later one, was used already
   */
  useTotpStep(id: string, secret: string, step: number): Promise<boolean>;
  /** Gives a user recovery codes instead of the earlier ones. */
  setRecoveryCodes(id: string, digests: readonly string[]): Promise<void>;
  /** Uses a recovery code up. @returns false when it is none of this user, or was used */
  useRecoveryCode(id: string, digest: string): Promise<boolean>;
  /**
   * The user of an identity. At its first login that is the user of `user.name`, who may be new, and the identity is theirs from then
   * on. Several first logins at once, of one identity or of several, make one user.
   * @returns undefined when the user of that name has logged in from this issuer as another subject
   */
  ofIdentity(identity: IdentityKey, user: AddedUser): Promise<User | undefined>;
}
