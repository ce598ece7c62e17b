/** Who calls a service, as its auth has found out. */
export interface Principal {
  /** Stable and safe to log; "anonymous" where no token is needed. Sessions belong to it. */
  readonly id: string;
  /** What people call it, for the audit and for `allow`: a user's e-mail address, the name of a token. @default - the id */
  readonly name?: string;
  /** The teams of a user: an entry's `allow` may name them instead of each user. */
  readonly teams?: readonly string[];
  /**
   * Patterns of the tools that its token opens (`tool-patterns.ts`); the others are neither listed nor callable.
   * @default - all
   */
  readonly tools?: readonly string[];
  /**
   * Patterns of the tools that its token's scopes open. The others are listed, so that a client that wants one asks its user for
   * more: a call of them is refused with `insufficient_scope` (403).
   * @default - all
   */
  readonly scopedTools?: readonly string[];
  /** When its token ends, in milliseconds since 1970: whatever it sends later is refused, also on a connection that is open. @default never */
  readonly expires?: number;
  /** The caller's own secret for the API behind the service (`auth: "verify"`): only a server of its own is given it. */
  readonly credential?: string;
}
