/**
 * Signs what a gateway tells another one about a request that it forwards, and verifies it. A signature is valid for half a
 * minute and for one request.
 */
import { hash } from "node:crypto";
import { GatewayError } from "../errors.ts";
import { isSigned, randomId, sign } from "../sessions/replicas/session-ids.ts";
import type { Exchange } from "./exchange.ts";
import { FORWARDED, type Forwarded } from "./forwarded.ts";

/** Milliseconds for which a signature is valid. */
const VALIDITY = 30_000;

interface Claims extends Forwarded {
  readonly method: string;
  readonly path: string;
  readonly session: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Different for every request. */
  readonly nonce: string;
}

/** The header's value for a request: `<JSON in base64url>.<signature>`. */
export function signForward(
  key: Buffer,
  exchange: Exchange,
  principal: string,
  body: Buffer,
  time = Date.now(),
): string {
  const claims: Claims = {
    ...bindingOf(exchange),
    principal,
    address: exchange.address,
    digest: digestOf(body),
    time,
    nonce: randomId(),
  };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${sign(key, text)}`;
}

/** Verifies the header, and remembers the ones that it has accepted. */
export class ForwardVerifier {
  readonly #key: Buffer;
  /** When each came, by its nonce, oldest first. */
  readonly #seen = new Map<string, number>();

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** @throws GatewayError `forward-refused` when it is not signed, not for this request, too old, or was used before */
  verify(exchange: Exchange, now = Date.now()): Forwarded {
    const [text = "", signature = ""] = (exchange.header(FORWARDED) ?? "").split(".");
    if (!isSigned(this.#key, text, signature)) throw new GatewayError("forward-refused");
    const claims = JSON.parse(Buffer.from(text, "base64url").toString()) as Claims;
    const { method, path, session } = bindingOf(exchange);
    const isForThis = claims.method === method && claims.path === path && claims.session === session;
    if (!isForThis || Math.abs(now - claims.time) > VALIDITY || this.#seen.has(claims.nonce)) {
      throw new GatewayError("forward-refused");
    }
    this.#remember(claims.nonce, now);
    return claims;
  }

  /** A clock may be ahead by as much as it may be behind, so nonces are remembered for twice the validity. */
  #remember(nonce: string, now: number): void {
    this.#seen.set(nonce, now);
    for (const [old, came] of this.#seen) {
      if (now - came <= 2 * VALIDITY) break;
      this.#seen.delete(old);
    }
  }
}

/** @throws GatewayError `forward-refused` when a body is not the one that was forwarded */
export function checkBody({ digest }: Forwarded, body: Buffer): void {
  if (digestOf(body) !== digest) throw new GatewayError("forward-refused");
}

const digestOf = (body: Buffer) => hash("sha256", body, "base64url");

const bindingOf = (exchange: Exchange) => ({
  method: exchange.method,
  path: exchange.path.replace(/\/$/, ""),
  session: exchange.header("mcp-session-id") ?? "",
});
