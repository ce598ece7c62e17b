/** The kinds of auth that the option `auth` names. */
import type { Logger } from "../log.ts";
import type { Auth } from "./auth.ts";
import { BearerAuth } from "./bearer.ts";
import { BearerOr } from "./bearer-or.ts";
import { OAuth, type OAuthParts } from "./oauth.ts";
import { OAuthAndKeys } from "./oauth-and-keys.ts";

/** What an auth is made from. */
export interface AuthParts {
  /** Bearer tokens that the service accepts; none = no token is needed. */
  readonly tokens: readonly string[];
  /** SHA-256 digests, in hexadecimal, of further tokens. */
  readonly tokenDigests: readonly string[];
  /** What verifies callers' own tokens of an API, where the service has that kind. */
  readonly verify: Auth | undefined;
  /** How its users log in; the configuration has been checked where the service has that kind. */
  readonly logins: { readonly [Name in keyof OAuthParts]: OAuthParts[Name] | undefined };
  readonly log: Logger;
}

/** The auth of a service. */
export function authOf(kinds: readonly string[], { tokens, tokenDigests, verify, logins, log }: AuthParts): Auth {
  const bearer = new BearerAuth(tokens, tokenDigests);
  if (kinds.includes("oauth")) {
    const oauth = new OAuth(logins as OAuthParts, log);
    return kinds.includes("bearer") ? new OAuthAndKeys(oauth, bearer) : oauth;
  }
  if (verify === undefined) return bearer;
  return kinds.includes("bearer") && bearer.required ? new BearerOr(bearer, verify) : verify;
}
