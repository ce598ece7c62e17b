/** The door for the two kinds of access tokens: those that the authorization server is asked about, and JWTs. */
import type { Principal } from "../principal.ts";
import type { LoginWatcher } from "./auth.ts";

/** What tokens must be for. */
export interface TokensFor {
  readonly issuer: string;
  /** The service, whose name is its scope. */
  readonly service: string;
  /** The audiences of which a token must have one. */
  readonly audiences: readonly string[];
}

/** Finds out whose a token is. */
export interface TokenCheck {
  /** @throws GatewayError `login-required`, `insufficient-scope`, `auth-server-away`, also later */
  check(token: string): Principal | Promise<Principal>;
  start?(watcher: LoginWatcher): void;
  stop?(): void;
  /** Why no token can be checked that is not known; undefined when nothing hinders it. */
  readonly problem: string | undefined;
}
