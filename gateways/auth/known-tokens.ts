/** What has been found out about tokens, by their digests: a token itself is never kept. */
import { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";

/** A token that is valid. */
export interface ValidToken {
  readonly principal: Principal;
  /** When that has to be found out again: milliseconds since 1970. */
  readonly until: number;
  /** What it came from, which may be revoked. */
  readonly grant?: string;
}

/** How many tokens are remembered of each kind; the oldest makes room. */
const MOST_VALID = 10_000;
const MOST_REFUSED = 1_000;

/** Milliseconds in which a refused token is refused unasked: it never becomes valid again. */
const REFUSED_FOR = 30_000;

/** The tokens of one service. */
export class KnownTokens {
  readonly #valid = new Map<string, ValidToken>();
  readonly #refused = new Map<string, { readonly reason: string; readonly until: number }>();

  /** @returns undefined when it is not known @throws GatewayError `login-required` when it is known to be refused */
  find(digest: string, now: number): Principal | undefined {
    const valid = this.#valid.get(digest);
    if (valid !== undefined) {
      if (now < valid.until) return valid.principal;
      this.#valid.delete(digest);
    }
    const refused = this.#refused.get(digest);
    if (refused !== undefined && now < refused.until)
      throw new GatewayError("login-required", { reason: refused.reason });
    return undefined;
  }

  keep(digest: string, token: ValidToken): void {
    makeRoom(this.#valid, MOST_VALID);
    this.#valid.set(digest, token);
  }

  refuse(digest: string, reason: string, now: number): void {
    makeRoom(this.#refused, MOST_REFUSED);
    this.#refused.set(digest, { reason, until: now + REFUSED_FOR });
  }

  /** Forgets the tokens of a grant that has ended. */
  endGrant(grant: string): void {
    for (const [digest, token] of this.#valid) if (token.grant === grant) this.#valid.delete(digest);
  }

  /** Forgets every valid token. */
  forget(): void {
    this.#valid.clear();
  }

  get size(): number {
    return this.#valid.size + this.#refused.size;
  }
}

function makeRoom(map: Map<string, unknown>, most: number): void {
  if (map.size < most) return;
  const [oldest] = map.keys();
  map.delete(oldest!);
}
