/** Logins that are under way, and what was allowed in earlier ones. Digests are of secrets that are not kept. */

/** How far a login is. */
export interface Step {
  /** Who has given the right password, and owes a code. */
  readonly account: string | null;
}

/** What a login elsewhere is to return with. */
export interface Expected {
  /** The digest of its state. */
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The steps of logins, by the digests of their uid and of the browser's secret. */
export interface LoginSteps {
  /**
   * The step of a login, which belongs to the browser that comes first.
   * @param expires milliseconds since 1970, for a login that begins now
   * @returns undefined = it is another browser's
   */
  begin(uid: string, browser: string, expires: number): Promise<Step | undefined>;
  /** The step of a login that this browser has begun; undefined when there is none, or it is another browser's. */
  find(uid: string, browser: string): Promise<Step | undefined>;
  /** Who has given the right password; null = the login starts again. */
  setAccount(uid: string, account: string | null): Promise<void>;
  /** What a login elsewhere is to return with, instead of what it was before. */
  expect(uid: string, expected: Expected): Promise<void>;
  /** Takes what was expected: it counts once. @returns undefined when the state is another one, or was taken */
  take(uid: string, state: string): Promise<Omit<Expected, "state"> | undefined>;
}

/** What a consent is about. */
export interface ConsentKey {
  readonly user: string;
  readonly client: string;
  readonly redirect: string;
  readonly resource: string;
}

export interface ConsentStore {
  /** The scopes that a user has allowed, in no order; none where they were not asked. */
  scopesOf(key: ConsentKey): Promise<string[]>;
  /** Adds to what was allowed. Nothing is kept for a user who is not there. */
  add(key: ConsentKey, scopes: readonly string[]): Promise<void>;
}
