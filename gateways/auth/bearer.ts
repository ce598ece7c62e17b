/** Bearer tokens (RFC 6750), compared in constant time. */
import { hash, timingSafeEqual } from "node:crypto";
import { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";
import type { Auth, Credentials } from "./auth.ts";
import { bearerTokenIn } from "./bearer-token.ts";

const ANONYMOUS: Principal = { id: "anonymous" };

/** The bearer tokens that a service accepts. */
export class BearerAuth implements Auth {
  readonly #accepted: readonly { readonly digest: Buffer; readonly principal: Principal }[];

  /**
   * @param tokens each of them is accepted (several at once, so that they can be rotated)
   * @param digests the SHA-256 of further ones, in hexadecimal; without any token and digest, no token is needed
   */
  constructor(tokens: readonly string[], digests: readonly string[] = []) {
    const all = new Set([...tokens.map((token) => digestOf(token).toString("hex")), ...digests]);
    // The id follows from the token alone: its sessions stay its own, whatever else is accepted and however it was set.
    this.#accepted = Array.from(all, (hex) => ({
      digest: Buffer.from(hex, "hex"),
      principal: { id: `token-${hex.slice(0, 8)}` },
    }));
  }

  get required(): boolean {
    return this.#accepted.length > 0;
  }

  identify(request: Credentials): Principal {
    if (!this.required) return ANONYMOUS;
    const header = request.header("authorization");
    const token = bearerTokenIn(header);
    if (token === undefined) throw refused(header);
    const digest = digestOf(token);
    let found: Principal | undefined;
    // All digests, which have the same length, are compared, so that the time reveals neither which one matched nor how much.
    for (const { digest: accepted, principal } of this.#accepted)
      if (timingSafeEqual(digest, accepted)) found = principal;
    if (!found) throw refused(header);
    return found;
  }

  accepts({ id }: Principal): boolean {
    return !this.required || this.#accepted.some(({ principal }) => principal.id === id);
  }

  challenge(): Readonly<Record<string, string>> {
    return { "www-authenticate": "Bearer" };
  }
}

const refused = (header: string | undefined) =>
  new GatewayError("unauthorized", { reason: header === undefined ? "no token" : "unknown token" });

const digestOf = (token: string) => hash("sha256", token, "buffer");
