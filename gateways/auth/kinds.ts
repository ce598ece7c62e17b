/** The kinds of auth that the option `auth` names. */
import { ConfigError, type ServiceConfig } from "../config.ts";
import type { Auth } from "./auth.ts";
import { BearerAuth } from "./bearer.ts";

/** What an auth is made from. */
export interface AuthParts {
  /** Bearer tokens that the service accepts; none = no token is needed. */
  readonly tokens: readonly string[];
  /** SHA-256 digests, in hexadecimal, of further tokens. */
  readonly tokenDigests: readonly string[];
}

/** What makes the auth of each kind. The option's type demands an entry for every word that it allows. */
export const authKinds: Readonly<Record<ServiceConfig["auth"][number], (parts: AuthParts) => Auth>> = {
  oauth: () => {
    throw new ConfigError("auth oauth is not there yet");
  },
  bearer: ({ tokens, tokenDigests }: AuthParts): Auth => new BearerAuth(tokens, tokenDigests),
};
