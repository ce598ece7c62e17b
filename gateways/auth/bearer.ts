/** Bearer tokens: who may call, found out without telling how long a comparison took. Touches no network. */
import { hash, timingSafeEqual } from "node:crypto";
import { GatewayError } from "../errors.ts";
import type { Principal } from "../sessions/session.ts";

const ANONYMOUS: Principal = { id: "anonymous" };

/** The bearer tokens that a service accepts. */
export class BearerAuth {
  readonly #accepted: readonly { readonly digest: Buffer; readonly principal: Principal }[];

  /** @param tokens every one of them is accepted (several at once, so that they can be rotated); none = no token is needed */
  constructor(tokens: readonly string[]) {
    this.#accepted = tokens.map((token) => {
      const digest = digestOf(token);
      return { digest, principal: { id: `token-${digest.toString("hex").slice(0, 8)}` } };
    });
  }

  get required(): boolean {
    return this.#accepted.length > 0;
  }

  /**
   * Whose token this is.
   * @param authorization the Authorization header
   * @throws GatewayError `unauthorized`
   */
  identify(authorization: string | undefined): Principal {
    if (!this.required) return ANONYMOUS;
    const token = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) throw new GatewayError("unauthorized");
    const digest = digestOf(token);
    let found: Principal | undefined;
    // All are compared, digests being of one length, so that time tells neither which nor how much of one matched.
    for (const { digest: accepted, principal } of this.#accepted)
      if (timingSafeEqual(digest, accepted)) found = principal;
    if (!found) throw new GatewayError("unauthorized");
    return found;
  }
}

const digestOf = (token: string) => hash("sha256", token, "buffer");
