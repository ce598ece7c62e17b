/** Bearer tokens (RFC 6750), compared in constant time. */
import { hash, timingSafeEqual } from "node:crypto";
import { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";
import type { Auth, Credentials } from "./auth.ts";
import type { NamedToken } from "./named-token.ts";
import { bearerTokenIn } from "./bearer-token.ts";

/** Where no token is needed, whoever reaches the gateway is on the machine of the one who runs it. */
const ANONYMOUS: Principal = { id: "anonymous", isOperator: true };

/** The bearer tokens that a service accepts. */
export class BearerAuth implements Auth {
  readonly #accepted: readonly Accepted[];
  readonly #known: ReadonlyMap<string, Principal>;

  /**
   * @param tokens each of them is accepted (several at once, so that they can be rotated). They are the operator's
   * @param digests the SHA-256 of further ones, in hexadecimal; without any token and digest, no token is needed
   * @param named further ones, which are somebody's
   */
  constructor(tokens: readonly string[], digests: readonly string[] = [], named: readonly NamedToken[] = []) {
    const all = new Set([...tokens.map((token) => digestOf(token).toString("hex")), ...digests]);
    // The id follows from the token alone: its sessions stay its own, whatever else is accepted and however it was set.
    const own = Array.from(all, (hex) => accepted(hex, { id: `token-${hex.slice(0, 8)}`, isOperator: true }));
    this.#accepted = [...own, ...named.filter(({ digest }) => !all.has(digest)).map(acceptedByName)];
    this.#known = new Map(this.#accepted.map(({ principal }) => [principal.id, principal]));
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
    if (found.expires !== undefined && Date.now() >= found.expires) throw expired(found.expires);
    return found;
  }

  accepts({ id }: Principal): boolean {
    return !this.required || this.#known.has(id);
  }

  known(id: string): Principal | undefined {
    return this.required ? this.#known.get(id) : ANONYMOUS;
  }

  challenge(): Readonly<Record<string, string>> {
    return { "www-authenticate": "Bearer" };
  }
}

/** What opens a service, and for whom. */
interface Accepted {
  readonly digest: Buffer;
  readonly principal: Principal;
}

const accepted = (hex: string, principal: Principal): Accepted => ({ digest: Buffer.from(hex, "hex"), principal });

const acceptedByName = ({ digest, name, tools, expires }: NamedToken): Accepted =>
  accepted(digest, {
    id: `token:${name}`,
    name,
    ...(tools !== undefined && { tools }),
    ...(expires !== undefined && { expires }),
  });

const expired = (at: number) =>
  new GatewayError("unauthorized", {
    reason: "expired token",
    detail: `: this one has expired on ${new Date(at).toISOString().slice(0, 10)}`,
  });

const refused = (header: string | undefined) =>
  new GatewayError("unauthorized", { reason: header === undefined ? "no token" : "unknown token" });

const digestOf = (token: string) => hash("sha256", token, "buffer");
