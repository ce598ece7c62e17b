/** What a gateway and the authorization server say to each other: introspection (RFC 7662) and a stream of revocations. */

/** The path of the introspection endpoint, below the issuer. The caller shows its service's secret as a bearer token. */
export const INTROSPECTION_PATH = "/oauth/introspect";

/** The path of the event stream that names each grant that is revoked. While it is open, an introspection may be remembered. */
export const REVOCATIONS_PATH = "/oauth/revocations";

/** The answer to an introspection. Only of a token whose audience is a service of the caller's is more told than `active`. */
export type Introspection = { readonly active: false } | ActiveToken;

/** What is told of an access token that is valid. */
export interface ActiveToken {
  readonly active: true;
  /** The user: stable, and never given to another one. */
  readonly sub: string;
  /** The user's e-mail address or name, as an entry's `allow` writes it. */
  readonly username: string;
  /** The user's teams. */
  readonly teams: readonly string[];
  readonly client_id: string;
  /** Scopes, separated by spaces: `memory`, or `tools:memory:read_*`. */
  readonly scope: string;
  /** The URL of the service that the token is for. */
  readonly aud: string;
  /** Seconds since 1970. */
  readonly exp: number;
  /** The grant that the token came from: what a revocation names. */
  readonly grant: string;
}

/** An event of the stream of revocations: the grant that has ended. A stream that has just opened makes whoever reads it forget all. */
export interface Revocation {
  readonly grant: string;
}

/** The scopes of a service: all of its tools, or those that fit a pattern. */
export const scopeOf = (service: string): string => service;
export const toolScopeOf = (service: string, pattern: string): string => `tools:${service}:${pattern}`;

/** Asks for a refresh token (OpenID Connect Core, section 11). */
export const OFFLINE_ACCESS = "offline_access";
