/** The kinds of auth that the option `auth` names. */
import type { Auth } from "./auth.ts";
import { BearerAuth } from "./bearer.ts";
import type { NamedToken } from "./named-token.ts";

/** What an auth is made from. */
export interface AuthParts {
  /** Bearer tokens that the service accepts; none = no token is needed. */
  readonly tokens: readonly string[];
  /** SHA-256 digests, in hexadecimal, of further tokens. */
  readonly tokenDigests: readonly string[];
  /** Tokens that have a name. */
  readonly namedTokens: readonly NamedToken[];
}

/** What makes the auth of each kind. The option's type demands an entry for every word that it allows. */
export const authKinds = {
  bearer: ({ tokens, tokenDigests, namedTokens }: AuthParts): Auth => new BearerAuth(tokens, tokenDigests, namedTokens),
};
