/**
 * What a gateway says of a request that it sends on to another gateway of its service: who sent it, from where, and that the
 * checks are done. Signed with the key that they share, good for half a minute and for one request. Touches no network.
 */
import { hash } from "node:crypto";
import { GatewayError } from "../errors.ts";
import { isSigned, randomId, sign } from "../sessions/replicas/session-ids.ts";
import type { Exchange } from "./exchange.ts";

/** The header that carries it: `<JSON in base64url>.<signature>`. */
export const FORWARDED = "gangway-forwarded";

/** Milliseconds for which it is good. */
const VALIDITY = 30_000;

/** What is said of a request. */
export interface Forwarded {
  /** The id of the principal whose request it is. */
  readonly principal: string;
  /** The client's address. */
  readonly address: string;
  /** SHA-256 of the body. */
  readonly digest: string;
}

interface SignedForward extends Forwarded {
  readonly method: string;
  readonly path: string;
  readonly session: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Different for every request. */
  readonly nonce: string;
}

/** The header's value for a request. */
export function signForward(
  key: Buffer,
  exchange: Exchange,
  principal: string,
  body: Buffer,
  time = Date.now(),
): string {
  const said: SignedForward = {
    ...bindingOf(exchange),
    principal,
    address: exchange.address,
    digest: digestOf(body),
    time,
    nonce: randomId(),
  };
  const text = Buffer.from(JSON.stringify(said)).toString("base64url");
  return `${text}.${sign(key, text)}`;
}

/** Reads the header, and knows those that it has read. */
export class ForwardVerifier {
  readonly #key: Buffer;
  /** When each came, by its nonce, oldest first. */
  readonly #seen = new Map<string, number>();

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** @throws GatewayError `forward-refused` when it is not signed, not of this request, too old, or came before */
  open(exchange: Exchange, now = Date.now()): Forwarded {
    const [text = "", signature = ""] = (exchange.header(FORWARDED) ?? "").split(".");
    if (!isSigned(this.#key, text, signature)) throw new GatewayError("forward-refused");
    const said = JSON.parse(Buffer.from(text, "base64url").toString()) as SignedForward;
    const { method, path, session } = bindingOf(exchange);
    const isOfThis = said.method === method && said.path === path && said.session === session;
    if (!isOfThis || Math.abs(now - said.time) > VALIDITY || this.#seen.has(said.nonce)) {
      throw new GatewayError("forward-refused");
    }
    this.#remember(said.nonce, now);
    return said;
  }

  /** A clock may be ahead by as much as it may be behind: what came is remembered for twice the validity. */
  #remember(nonce: string, now: number): void {
    this.#seen.set(nonce, now);
    for (const [old, came] of this.#seen) {
      if (now - came <= 2 * VALIDITY) break;
      this.#seen.delete(old);
    }
  }
}

/** @throws GatewayError `forward-refused` when a body is not the one that was sent on */
export function checkBody({ digest }: Forwarded, body: Buffer): void {
  if (digestOf(body) !== digest) throw new GatewayError("forward-refused");
}

const digestOf = (body: Buffer) => hash("sha256", body, "base64url");

const bindingOf = (exchange: Exchange) => ({
  method: exchange.method,
  path: exchange.path.replace(/\/$/, ""),
  session: exchange.header("mcp-session-id") ?? "",
});
