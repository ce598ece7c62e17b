/** The records of oidc-provider, as they are kept: codes, tokens, sessions, interactions, grants. */

/**
 * What comes of a grant, and ends with it. Such a record is kept only while the record of model `Grant` whose key is its
 * `grantId` is there.
 */
export const OF_GRANT: ReadonlySet<string> = new Set(["AuthorizationCode", "AccessToken", "RefreshToken"]);

/**
 * How many refresh tokens of a grant may wait to be used. Each use within the grace makes one more, so without a bound one token
 * would become any number of them. Real clients refresh with up to ten requests at once.
 */
export const MOST_REFRESH_TOKENS = 20;

/** A record that is to be kept. */
export interface NewRecord {
  /** JSON, in which no secret stands. */
  readonly payload: string;
  readonly grantId: string | undefined;
  /** A session's and an interaction's second name. */
  readonly uid: string | undefined;
  /** Seconds since 1970, with a fraction. @default - it does not expire */
  readonly expires: number | undefined;
}

/** A record that was found. */
export interface FoundRecord {
  readonly payload: string;
  /** Seconds since 1970, with a fraction: when it was first used. @default - it was not */
  readonly consumed: number | undefined;
}

/** Records by model (`AccessToken`, `Session`) and key: the digest of a secret, or the id of a grant. */
export interface Records {
  /**
   * Keeps a record, in the place of an earlier one of its key, which then stays consumed if it was. In the same step an access
   * token notes that its grant is used (as `Grants.touch`), and a refresh token makes room: of those of its grant that are not
   * consumed only the `MOST_REFRESH_TOKENS` that expire last stay. Consumed ones stay: a replay must be noticed.
   * @returns false when nothing was kept, because its grant (see `OF_GRANT`) has ended
   */
  save(model: string, key: string, record: NewRecord): Promise<boolean>;
  /** The record; undefined when there is none, or it has expired. */
  find(model: string, key: string): Promise<FoundRecord | undefined>;
  /** The same by its uid. */
  findByUid(model: string, uid: string): Promise<FoundRecord | undefined>;
  /**
   * Marks a record as used, with the time of its first use.
   * @param at seconds since 1970, with a fraction
   * @returns false when it was used before, or is not there
   */
  consume(model: string, key: string, at: number): Promise<boolean>;
  /**
   * Forgets a record. That of an access token with a grant is told as a revocation of the grant.
   * @returns whether it was there: of several at once, to one alone
   */
  remove(model: string, key: string): Promise<boolean>;
  /** Forgets the records of one model that came of a grant, and tells a revocation of it. */
  removeOfGrant(model: string, grantId: string): Promise<void>;
  /** Logs a browser out: forgets the record of model `Session` with this uid. */
  endSession(uid: string): Promise<void>;
}
