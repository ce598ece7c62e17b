/**
 * Signs what a gateway tells another one about a request that it forwards, and verifies it. A signature is valid for half a
 * minute, for one request, and at the one gateway that it was made for.
 *
 * Version 2 also names the gateway that is addressed, and binds the headers that the other gateway reads. While a release
 * replaces one that knows only version 1, each forwards to the other: what is new in version 2 stands beside what version 1
 * had, so the older gateway reads it as it always did, and version 1 is accepted from the older one. Nobody can make a version 1
 * of a version 2, because the signature covers which it is.
 *
 * Version 3 also names the principal and says what its token opens, and is sent for those alone of whom there is more to tell
 * than an id. A gateway that knows only version 2 would let such a principal do everything: it refuses version 3 (403), until its
 * release has been replaced.
 */
import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";
import { isSigned, randomId, sign } from "../sessions/replicas/session-ids.ts";
import type { Exchange } from "./exchange.ts";
import { FORWARDED, passedHeaders, type Forwarded } from "./forwarded.ts";

/** Milliseconds for which a signature is valid. */
const VALIDITY = 30_000;

/** Characters of a header's value: most of them are patterns of tools, or the caller's own token. */
const LONGEST = 12_288;

interface Claims extends Forwarded {
  /** 2 or 3; undefined = 1. */
  readonly version?: number;
  readonly method: string;
  readonly path: string;
  readonly session: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Different for every request. */
  readonly nonce: string;
  /** Version 2: the gateway that is addressed, `host:port`, on a hub with a path. */
  readonly audience?: string;
  /** Version 2: SHA-256 of the headers that are passed on, in base64url. */
  readonly headers?: string;
}

/** What is signed of a request, besides the request itself. */
export interface Signing {
  readonly key: Buffer;
  /** The gateway that is addressed. */
  readonly audience: string;
  /** Whose request it is. */
  readonly principal: Principal;
  readonly body: Buffer;
}

/** As much of a request as is signed. */
type Signed = Pick<Exchange, "method" | "path" | "address" | "session"> & {
  readonly req: Pick<IncomingMessage, "headers">;
};

/** What tells a forwarded request from all others, by the header that it was forwarded with. */
export const signatureOf = (header: string): string => header.slice(header.lastIndexOf(".") + 1);

/** The header's value for a request: `<JSON in base64url>.<signature>`. */
export function signForward(exchange: Signed, { key, audience, principal, body }: Signing, time = Date.now()): string {
  const rights = rightsOf(principal);
  const claims: Claims = {
    version: rights ? 3 : 2,
    ...bindingOf(exchange),
    principal: principal.id,
    ...(rights && { rights }),
    address: exchange.address,
    digest: digestOf(body),
    time,
    nonce: randomId(),
    audience,
    headers: digestOfHeaders(exchange),
  };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${sign(key, text)}`;
}

/** Verifies the header, and remembers the ones that it has accepted. */
export class ForwardVerifier {
  readonly #key: Buffer;
  readonly #audience: () => string;
  /** When each came, by its nonce, oldest first. */
  readonly #seen = new Map<string, number>();

  /** @param audience where the other gateways reach this one */
  constructor(key: Buffer, audience: () => string) {
    this.#key = key;
    this.#audience = audience;
  }

  /** @throws GatewayError `forward-refused` when it is not signed, not for this request or gateway, too old, or was used before */
  verify(exchange: Exchange, now = Date.now()): Forwarded {
    const claims = this.#signedClaims(exchange.header(FORWARDED) ?? "");
    const valid =
      claims !== undefined &&
      isForRequest(claims, exchange) &&
      this.#isForThisGateway(claims, exchange) &&
      Math.abs(now - claims.time) <= VALIDITY &&
      !this.#seen.has(claims.nonce);
    if (!valid) throw new GatewayError("forward-refused");
    this.#remember(claims.nonce, now);
    return claims;
  }

  #signedClaims(header: string): Claims | undefined {
    if (header.length > LONGEST) return undefined;
    const dot = header.indexOf(".");
    const text = header.slice(0, Math.max(dot, 0));
    if (!isSigned(this.#key, text, header.slice(dot + 1))) return undefined;
    const claims: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return isClaims(claims) ? claims : undefined;
  }

  #isForThisGateway({ version, audience, headers, rights }: Claims, exchange: Exchange): boolean {
    if (version === undefined) return audience === undefined && headers === undefined && rights === undefined;
    return (
      (version === 3) === (rights !== undefined) &&
      (version === 2 || version === 3) &&
      audience === this.#audience() &&
      headers === digestOfHeaders(exchange)
    );
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

const TEXTS = ["method", "path", "session", "nonce", "principal", "address", "digest"] as const;

/** What another gateway must be told of a principal; undefined = nothing, as of the operator and of nobody in particular. */
function rightsOf({
  name,
  teams,
  tools,
  scopedTools,
  expires,
  isOperator,
  credential,
}: Principal): Forwarded["rights"] {
  const more = { name, teams, tools, scopedTools, expires, credential };
  const isMore = Object.values(more).some((value) => value !== undefined);
  return isMore ? { ...more, isOperator } : undefined;
}

/** What is missing is refused like what is wrong. */
function isClaims(value: unknown): value is Claims {
  if (typeof value !== "object" || value === null) return false;
  const claims = value as Partial<Record<keyof Claims, unknown>>;
  return (
    TEXTS.every((name) => typeof claims[name] === "string") &&
    Number.isFinite(claims.time) &&
    claims.nonce !== "" &&
    isRights(claims.rights)
  );
}

const isList = (value: unknown) => value === undefined || (Array.isArray(value) && value.every(isText));
const isText = (value: unknown) => typeof value === "string";

function isRights(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const { name, teams, tools, scopedTools, expires, isOperator, credential } = value as Partial<
    Record<keyof Principal, unknown>
  >;
  const isWhole =
    [teams, tools, scopedTools].every(isList) && [name, credential].every((one) => one === undefined || isText(one));
  return (
    isWhole &&
    (expires === undefined || Number.isFinite(expires)) &&
    [undefined, true, false].includes(isOperator as boolean)
  );
}

function isForRequest(claims: Claims, exchange: Exchange): boolean {
  const { method, path, session } = bindingOf(exchange);
  return claims.method === method && claims.path === path && claims.session === session;
}

/** @throws GatewayError `forward-refused` when a body is not the one that was forwarded */
export function checkBody({ digest }: Forwarded, body: Buffer): void {
  if (digestOf(body) !== digest) throw new GatewayError("forward-refused");
}

const digestOf = (body: Buffer | string) => hash("sha256", body, "base64url");

/** Those that the other gateway reads, in an order of their own. */
const digestOfHeaders = ({ req, session }: Signed) =>
  digestOf(JSON.stringify(passedHeaders(req.headers, session).toSorted(([one], [other]) => (one < other ? -1 : 1))));

const bindingOf = (exchange: Signed) => ({
  method: exchange.method,
  path: exchange.path.replace(/\/$/, ""),
  session: exchange.session ?? "",
});
