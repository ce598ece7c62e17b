/** The kinds of auth that the option `auth` names. */
import type { Auth } from "./auth.ts";
import { BearerAuth } from "./bearer.ts";
import { BearerOr } from "./bearer-or.ts";

/** What an auth is made from. */
export interface AuthParts {
  /** Bearer tokens that the service accepts; none = no token is needed. */
  readonly tokens: readonly string[];
  /** SHA-256 digests, in hexadecimal, of further tokens. */
  readonly tokenDigests: readonly string[];
  /** What verifies callers' own tokens of an API, where the service has that kind. */
  readonly verify: Auth | undefined;
}

/** The auth of a service. */
export function authOf(kinds: readonly string[], { tokens, tokenDigests, verify }: AuthParts): Auth {
  if (kinds.includes("oauth")) throw new Error("auth oauth is not there yet");
  const bearer = new BearerAuth(tokens, tokenDigests);
  if (verify === undefined) return bearer;
  return kinds.includes("bearer") && bearer.required ? new BearerOr(bearer, verify) : verify;
}
