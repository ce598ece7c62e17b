/**
 * Which browser a login belongs to. Its cookie proves that a form comes from a page that we have shown to this browser, and that
 * a login which somebody has finished goes on where it was begun: cookies of oidc-provider alone could be set by another host
 * of the domain.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { newSecret } from "../users/secret-words.ts";

/** No other host of the domain can set it (RFC 6265bis, section 4.1.3.2). Cookies of http are for all ports of a host. */
const nameFor = ({ protocol, port }: URL) =>
  protocol === "https:" ? "__Host-gangway-login" : `gangway-login-${port || 80}`;

export class BrowserCookie {
  readonly #name: string;
  readonly #isSecure: boolean;

  constructor(issuer: string) {
    const url = new URL(issuer);
    this.#name = nameFor(url);
    this.#isSecure = url.protocol === "https:";
  }

  /** The secret of this browser; undefined = it has none. */
  of({ headers }: IncomingMessage): string | undefined {
    const pairs = (headers.cookie ?? "").split(";").map((pair) => pair.trim());
    const value = pairs.find((pair) => pair.startsWith(`${this.#name}=`))?.slice(this.#name.length + 1);
    return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
  }

  /** The secret of this browser, which gets one if it has none. */
  ensure(req: IncomingMessage, res: ServerResponse): string {
    const known = this.of(req);
    if (known !== undefined) return known;
    const secret = newSecret();
    // Lax: a client's page sends the browser here.
    const parts = [
      `${this.#name}=${secret}`,
      "Path=/",
      "HttpOnly",
      "SameSite=Lax",
      ...(this.#isSecure ? ["Secure"] : []),
    ];
    res.appendHeader("set-cookie", parts.join("; "));
    return secret;
  }
}

/** What a form of one purpose proves itself with, in one browser. */
export const proofFor = (browser: string, purpose: string): string =>
  createHmac("sha256", browser).update(`form ${purpose}`).digest("base64url");

export function isProof(given: string, browser: string, purpose: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(proofFor(browser, purpose))];
  return one.length === other.length && timingSafeEqual(one, other);
}
