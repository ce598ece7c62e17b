/** What checks a caller's token against the API of a service. */

/** What an API says of a token. */
export type Verification = ValidToken | InvalidToken;

/** The token is valid. */
export interface ValidToken {
  readonly valid: true;
  /** Whose it is: the same for every token of an account, and never given to another account. At most 256 characters. */
  readonly clientId: string;
}

/** The API refuses the token. */
export interface InvalidToken {
  readonly valid: false;
  /** Why, for the operator's log. */
  readonly error: string;
}

/**
 * Asks the API whose token this is. The answer is remembered for minutes, and a refusal for half a minute.
 * @throws when the API cannot be asked, is busy or answers what nobody understands: the caller is told to try again, and
 *   not that the token is wrong. A number in the error's `retryAfter` is how many seconds to wait
 */
export type VerifyToken = (token: string) => Verification | Promise<Verification>;

/** A way to verify tokens. */
export interface Verifier {
  /** What the ids of its principals begin with: letters, digits and dashes. */
  readonly name: string;
  readonly verifyToken: VerifyToken;
  /** Tokens that are evidently for something else, so that the API never sees them. @default - none */
  readonly foreign?: RegExp;
}

/** The API could not say whether a token is valid. */
export class ApiUnavailable extends Error {
  /** Seconds until it makes sense to ask again; undefined = it does not say. */
  readonly retryAfter: number | undefined;

  constructor(reason: string, retryAfter?: number) {
    super(reason);
    this.retryAfter = retryAfter;
  }
}
