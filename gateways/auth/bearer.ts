/** Bearer tokens (RFC 6750), compared in constant time. */
import { hash, timingSafeEqual } from "node:crypto";
import { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";
import type { Auth, Credentials } from "./auth.ts";

const ANONYMOUS: Principal = { id: "anonymous" };

/** The bearer tokens that a service accepts. */
export class BearerAuth implements Auth {
  readonly #accepted: readonly { readonly digest: Buffer; readonly principal: Principal }[];

  /** @param tokens each of them is accepted (several at once, so that they can be rotated); none = no token is needed */
  constructor(tokens: readonly string[]) {
    this.#accepted = tokens.map((token) => {
      const digest = digestOf(token);
      return { digest, principal: { id: `token-${digest.toString("hex").slice(0, 8)}` } };
    });
  }

  get required(): boolean {
    return this.#accepted.length > 0;
  }

  identify(request: Credentials): Principal {
    if (!this.required) return ANONYMOUS;
    const header = request.header("authorization");
    const token = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
    if (token === undefined) throw refused(header);
    const digest = digestOf(token);
    let found: Principal | undefined;
    // All digests, which have the same length, are compared, so that the time reveals neither which one matched nor how much.
    for (const { digest: accepted, principal } of this.#accepted)
      if (timingSafeEqual(digest, accepted)) found = principal;
    if (!found) throw refused(header);
    return found;
  }

  challenge(): Readonly<Record<string, string>> {
    return { "www-authenticate": "Bearer" };
  }
}

const refused = (header: string | undefined) =>
  new GatewayError("unauthorized", { reason: header === undefined ? "no token" : "unknown token" });

const digestOf = (token: string) => hash("sha256", token, "buffer");
