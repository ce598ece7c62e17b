/** The kinds of auth that the option `auth` names. */
import type { Logger } from "../log.ts";
import type { Auth } from "./auth.ts";
import { BearerAuth } from "./bearer.ts";
import type { NamedToken } from "./named-token.ts";
import { OAuth, type OAuthParts } from "./oauth.ts";
import { OAuthAndKeys } from "./oauth-and-keys.ts";

/** What an auth is made from. */
export interface AuthParts {
  /** Bearer tokens that the service accepts; none = no token is needed. */
  readonly tokens: readonly string[];
  /** SHA-256 digests, in hexadecimal, of further tokens. */
  readonly tokenDigests: readonly string[];
  /** Tokens that have a name. */
  readonly namedTokens: readonly NamedToken[];
  /** Its logins; the configuration has been checked. */
  readonly logins: { readonly [Name in keyof OAuthParts]: OAuthParts[Name] | undefined };
  readonly log: Logger;
}

/** What makes the auth of each kind. The option's type demands an entry for every word that it allows. */
const authKinds = {
  bearer: ({ tokens, tokenDigests, namedTokens }: AuthParts): Auth => new BearerAuth(tokens, tokenDigests, namedTokens),
  oauth: ({ logins, log }: AuthParts): Auth => new OAuth(logins as OAuthParts, log),
};

/** A word of the option `auth`. */
export type AuthKind = keyof typeof authKinds;

/** The auth of a service that has one kind, or logins beside static tokens. */
export function authOf(kinds: readonly AuthKind[], parts: AuthParts): Auth {
  const [first = "bearer"] = kinds;
  if (kinds.length === 1) return authKinds[first](parts);
  return new OAuthAndKeys(authKinds.oauth(parts), authKinds.bearer(parts));
}
