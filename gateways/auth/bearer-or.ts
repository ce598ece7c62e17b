/** The gateway's own tokens, and beside them another way to prove who one is. */
import { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";
import type { Auth, Credentials, LoginWatcher, Refused } from "./auth.ts";
import type { BearerAuth } from "./bearer.ts";

/** The gateway's own tokens first: whoever has one is known here, and nobody else is asked. */
export class BearerOr implements Auth {
  readonly required = true;
  readonly #bearer: BearerAuth;
  readonly #other: Auth;

  /** @param bearer with a token at least: without any it would let everybody in */
  constructor(bearer: BearerAuth, other: Auth) {
    if (!bearer.required) throw new Error("BearerOr without a token");
    this.#bearer = bearer;
    this.#other = other;
  }

  identify(request: Credentials): Principal | Promise<Principal> {
    try {
      return this.#bearer.identify(request);
    } catch (error) {
      // A token of ours that is of no use any more is nobody else's business either.
      if (!(error instanceof GatewayError) || error.details["reason"] !== "unknown token") throw error;
      return this.#other.identify(request);
    }
  }

  start(watcher: LoginWatcher): void {
    this.#other.start?.(watcher);
  }

  stop(): void {
    this.#other.stop?.();
  }

  forwarded(principal: Principal): void {
    this.#other.forwarded?.(principal);
  }

  known(id: string): Principal | undefined {
    return this.#bearer.known?.(id);
  }

  accepts(principal: Principal): boolean {
    return this.#bearer.accepts(principal) || this.#other.accepts(principal);
  }

  challenge(refused: Refused): Readonly<Record<string, string>> {
    return this.#other.challenge(refused);
  }
}
