/** One HTTP request and its answer, as the rest of the gateway sees them. The only file that writes a plain response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { MODERN_VERSIONS } from "../bridge/versions.ts";
import { GatewayError, type ErrorName } from "../errors.ts";
import { errorAnswer, type Pieces } from "../jsonrpc.ts";
import type { Client } from "../limits/trusted-proxies.ts";
import { audit, type AuditFields, type Logger } from "../log.ts";
import type { Held, Share } from "../memory-budget.ts";
import { named, type Principal } from "../principal.ts";
import { Handshake } from "../upgrades.ts";
import type { AuditedCall } from "./call-audit.ts";
import type { Forwarded } from "./forwarded.ts";
import { Outflow, UNCOUNTED } from "./outflow.ts";
import { readAccept } from "./media-types.ts";

/** What is known of a request before it is looked at. */
export interface RequestFacts {
  readonly client: Client;
  /** The path without its query; on the hub without the service's name. */
  readonly path: string;
  /** The service that it is for; undefined = none. */
  readonly service: string | undefined;
  /** Whether it has come where static tokens alone are taken. @default false */
  readonly takesKeys?: boolean;
  /** Headers that tell a caller how to log in whom an error refuses. @default none */
  readonly challenge?: (error: GatewayError) => Readonly<Record<string, string>>;
}

interface Admitted {
  readonly share: Share;
  readonly memory: Held;
}

/** An exchange whose caller is known. */
export type AdmittedExchange = Exchange & { readonly principal: Principal } & Admitted;

/**
 * One request and its answer. Every answer goes through one of its methods, and only the first one counts. What is learned
 * on the way (the caller, the message that errors answer) is told to it by name; nobody writes into it.
 */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  readonly takesKeys: boolean;
  readonly started = performance.now();
  readonly #challenge: RequestFacts["challenge"];
  readonly #log: Logger;
  readonly #headers: Record<string, string> = {};
  /** The name of the service that it is for; undefined = none. */
  readonly service: string | undefined;
  #client: Client;
  #principal: Principal | undefined;
  #share: Share | undefined;
  #memory: Held | undefined;
  #forwarded: Forwarded | undefined;
  #requestId: string | undefined;
  #modern: boolean;
  #refusal: ErrorName | undefined;
  /** Whether the client sends its body only when it is asked for it. */
  #waitsToBeAsked: boolean;
  #call: AuditedCall | undefined;
  #end: (() => void) | undefined;

  constructor(req: IncomingMessage, res: ServerResponse, facts: RequestFacts, log: Logger) {
    const { client, path, service, takesKeys = false, challenge } = facts;
    this.req = req;
    this.res = res;
    this.path = path;
    this.takesKeys = takesKeys;
    this.#challenge = challenge;
    this.service = service;
    this.#client = client;
    this.#log = log;
    this.#modern = MODERN_VERSIONS.includes(this.header("mcp-protocol-version") ?? "");
    this.#waitsToBeAsked = req.headers.expect !== undefined && req.httpVersion === "1.1";
  }

  /**
   * Its caller is known from here on.
   * @param share where what it holds is counted until its answer has been read or its client has left
   * @throws GatewayError `too-many-open-requests`, `memory-exhausted`
   */
  admit(principal: Principal, share: Share): AdmittedExchange {
    this.#principal = principal;
    const memory = share.openRequest();
    this.#share = share;
    this.#memory = memory;
    if (this.gone) memory.end();
    return this as AdmittedExchange;
  }

  /** Its answer has been read, or its client has left: what it held is free. */
  over(): void {
    this.#memory?.end();
  }

  /** Another gateway of the service has checked and forwarded the request. */
  admitForwarded(forwarded: Forwarded, principal: Principal, share: Share): AdmittedExchange {
    this.#forwarded = forwarded;
    this.#client = { address: forwarded.address, local: false };
    return this.admit(principal, share);
  }

  /**
   * Errors from here on answer this message.
   * @param requestId as it stands in its text; undefined = it has none
   * @param modern whether it is of the modern era, whose errors have other codes
   * @param call its line in the audit, if it is a call of a tool
   */
  answersTo(requestId: string | undefined, modern: boolean, call?: AuditedCall): void {
    this.#requestId = requestId;
    this.#modern ||= modern;
    this.#call = call;
  }

  /** Adds headers to whatever the answer will be. */
  addHeaders(headers: Readonly<Record<string, string>>): void {
    Object.assign(this.#headers, headers);
  }

  /** Who is answered, for the log. The id of a session is a credential: only its beginning is shown. */
  caller(): AuditFields {
    return {
      service: this.service,
      address: this.address,
      ...(this.#principal && named(this.#principal)),
      session: this.session?.slice(0, 6),
    };
  }

  /** Breaks the answer off. */
  cut(reason: string): void {
    audit(this.#log, "cut", { ...this.caller(), reason });
    this.res.destroy();
  }

  /** Its answer stays open. @param end ends it in good order */
  endsBy(end: () => void): void {
    this.#end = end;
  }

  /**
   * Its caller's login is over. A request without an answer is refused, never cut off, and what is open ends in good order: a
   * client takes a broken connection for a broken network. An answer that is whole already is sent to its end.
   */
  endLogin(reason: string): void {
    audit(this.#log, "cut", { ...this.caller(), reason });
    if (this.#end) this.#end();
    else if (!this.res.headersSent)
      this.fail(new GatewayError(this.#refusalOfLogin, { reason, detail: `: ${reason}` }));
  }

  /** Whoever has shown a token of their own cannot log in here. */
  get #refusalOfLogin(): ErrorName {
    return this.#principal?.credential === undefined ? "login-required" : "unauthorized";
  }

  /** Sent with whatever the answer is. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  /** Where the request comes from, as a trusted proxy or another gateway says. */
  get client(): Client {
    return this.#client;
  }

  /** The client's address: of the connection, or what a trusted proxy or another gateway says. */
  get address(): string {
    return this.#client.address;
  }

  /** Who calls; undefined until it is admitted. */
  get principal(): Principal | undefined {
    return this.#principal;
  }

  /** Its caller has shown a newer token: who it is stays the same. */
  renew(principal: Principal): void {
    if (this.#principal?.id === principal.id) this.#principal = principal;
  }

  /** What its caller may hold; undefined until it is admitted. */
  get share(): Share | undefined {
    return this.#share;
  }

  /** What it holds of that; undefined until it is admitted. */
  get memory(): Held | undefined {
    return this.#memory;
  }

  /** What another gateway of the service says of the request that it forwarded; undefined = it came from a client. */
  get forwarded(): Forwarded | undefined {
    return this.#forwarded;
  }

  /** The call of a tool that is being answered, for the audit. */
  get call(): AuditedCall | undefined {
    return this.#call;
  }

  /**
   * The session that the request names: in its header; on /messages in the query of the URL that its client was told, unless
   * another gateway forwarded it.
   */
  get session(): string | undefined {
    const inQuery = this.path.startsWith("/messages") ? sessionIn(this.req.url) : undefined;
    return inQuery ?? this.header("mcp-session-id");
  }

  /** The id of the request that is being answered, as it stands in its text. */
  get requestId(): string | undefined {
    return this.#requestId;
  }

  /** Whether the request is of the modern era, as far as its header or its message have said. */
  get modern(): boolean {
    return this.#modern;
  }

  /** Whether its answer is a stream, or a connection, that stays open until somebody ends it. */
  get isOpenEnded(): boolean {
    return this.#end !== undefined;
  }

  /** The refusal that was the answer, for the log. */
  get refusal(): ErrorName | undefined {
    return this.#refusal;
  }

  /** The answer that may become a WebSocket; undefined = the request does not ask for one. */
  get handshake(): Handshake | undefined {
    return this.res instanceof Handshake ? this.res : undefined;
  }

  get method(): string {
    return this.req.method ?? "GET";
  }

  /** Whether it only asks, and may be asked again (RFC 9110, section 9.2.1). */
  get isSafe(): boolean {
    return this.method === "GET" || this.method === "HEAD";
  }

  /** The values of a request header, as often as it was sent. */
  values(name: string): readonly string[] {
    return this.req.headersDistinct[name] ?? [];
  }

  /** A request header; one sent several times is what Node makes of it. */
  header(name: string): string | undefined {
    const value = this.req.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** Whether its answer is over or the client is gone: what is written now would reach nobody. */
  get gone(): boolean {
    return this.res.closed || this.res.destroyed || this.res.writableEnded;
  }

  /** Calls back once its answer is over or its client has left: soon, if that was while the exchange waited for something. */
  onceGone(callback: () => void): void {
    if (this.gone) queueMicrotask(callback);
    else this.res.once("close", callback);
  }

  get acceptsJson(): boolean {
    return readAccept(this.req.headers.accept).json;
  }

  get acceptsStream(): boolean {
    return readAccept(this.req.headers.accept).stream;
  }

  /** Asks a client for its body that waits to be asked (RFC 9110, section 10.1.1): every check comes before. */
  askForBody(): void {
    if (!this.#waitsToBeAsked) return;
    this.#waitsToBeAsked = false;
    this.res.writeContinue();
  }

  /**
   * Answers with JSON.
   * @param text one character a byte (see jsonrpc.ts)
   * @param pieces the same, if it is long
   */
  json(status: number, text: string, headers?: Record<string, string>, pieces: Pieces = [text]): void {
    if (this.res.headersSent || this.gone) return;
    if (text.length > UNCOUNTED && this.#memory) {
      // Its call has run, which the error says.
      if (!this.#memory.fits(text.length)) return this.fail(this.#memory.refusal("answer-dropped", text.length));
      this.#writeJsonHead(status, text, headers);
      return Outflow.send(pieces, this.res, this.#memory);
    }
    this.#writeJsonHead(status, text, headers);
    this.res.end(this.method === "HEAD" ? undefined : text, "latin1");
  }

  /** Answers with a page. @param policy what it may load and run, as a Content-Security-Policy */
  html(page: Buffer, policy: string, headers: Record<string, string>): void {
    if (this.res.headersSent || this.gone) return;
    this.res.writeHead(200, {
      ...this.#headers,
      ...headers,
      "content-type": "text/html; charset=utf-8",
      "content-length": page.length,
      "content-security-policy": policy,
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "same-origin", // with no-referrer a browser would not say where a login form comes from
      "x-content-type-options": "nosniff",
    });
    this.res.end(this.method === "HEAD" ? undefined : page);
  }

  /** Answers without a body. */
  empty(status: number, headers?: Record<string, string>): void {
    if (this.res.headersSent) return;
    const length = status === 204 ? {} : { "content-length": "0" };
    this.res.writeHead(status, { ...this.#headers, ...headers, ...length, ...this.#lastWord });
    this.res.end();
  }

  /** Answers with a refusal, as a JSON-RPC error. What the caller must not know goes to the log. */
  fail(error: GatewayError): void {
    this.#refusal = error.name;
    this.#call?.failed(error);
    if (error.name === "internal") this.#log.error({ err: error.cause, path: this.path }, "internal error");
    if (this.gone) return;
    if (this.res.headersSent) return void this.res.destroy();
    const headers = {
      ...(ASKS_FOR_LOGIN.has(error.status) && this.#challenge?.(error)),
      ...(error.retryAfter !== undefined && { "retry-after": String(Math.max(1, Math.ceil(error.retryAfter))) }),
      ...(error.details["allow"] !== undefined && { allow: String(error.details["allow"]) }),
      ...(error.name === "content-encoding" && { "accept-encoding": "identity" }),
    };
    const code = this.#modern ? error.modernCode : error.code;
    const text = errorAnswer(this.#requestId ?? error.answers, code, error.message, {
      error: error.name,
      ...error.data,
    });
    // A gateway that is ending has not run it: the one that forwarded it finds another.
    const { status } = this.#forwarded && error.name === "shutting-down" ? new GatewayError("not-owner") : error;
    if (this.#bodyIsOnItsWay) this.#answerBeforeBody(status, text, headers);
    else this.json(status, text, headers);
  }

  #writeJsonHead(status: number, text: string, headers?: Record<string, string>): void {
    const own = { "content-type": "application/json", "content-length": text.length };
    // There is one answer, so nobody needs the headers without its own. This is on the way of every call.
    this.res.writeHead(status, Object.assign(this.#headers, headers, own, this.#lastWord));
  }

  /** The client may send a body that was not asked for, or may not: the next request could begin in the middle of it. */
  get #lastWord(): Readonly<Record<string, string>> {
    return this.#waitsToBeAsked ? CLOSE : NOTHING;
  }

  /** Whether a body may still be coming that is too long to read for nothing. */
  get #bodyIsOnItsWay(): boolean {
    const { headers, complete } = this.req;
    return (
      !complete &&
      !this.#waitsToBeAsked &&
      (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 65_536)
    );
  }

  /**
   * Answers, and discards the rest of the body for a while: if the connection were closed while the client still writes, the
   * client would see a broken connection instead of the answer.
   */
  #answerBeforeBody(status: number, text: string, headers: Record<string, string>): void {
    const { req, res } = this;
    this.#writeJsonHead(status, text, { ...headers, connection: "close" });
    res.write(text, "latin1");
    const end = () => void res.end();
    req.resume().once("end", end).once("close", end);
    setTimeout(end, 2_000).unref();
  }
}

/** Refusals of who calls, after which another login may help. */
const ASKS_FOR_LOGIN: ReadonlySet<number> = new Set([401, 403]);

const CLOSE = { connection: "close" };
const NOTHING = {};

/**
 * The host that a request line names itself (RFC 9112, section 3.2.2), as a request to a proxy does; undefined = it names none,
 * as nearly all.
 */
export function hostIn(target = "/"): string | undefined {
  return target.startsWith("/") ? undefined : /^https?:\/\/([^/?]*)/i.exec(target)?.[1];
}

/** What of the request's path names the service: `/memory` on a hub, nothing on a port of its own. */
export function baseOf({ path, req }: Exchange): string {
  const whole = pathOf(req.url);
  return whole.endsWith(path) ? whole.slice(0, -path.length) : whole;
}

/** The session in the query of /messages. */
function sessionIn(target = ""): string | undefined {
  const query = target.indexOf("?");
  return query < 0 ? undefined : (new URLSearchParams(target.slice(query)).get("sessionId") ?? undefined);
}

/**
 * The path of a request target, without query; one in absolute form counts too (RFC 9112, section 3.2.2). Slashes that follow
 * each other are one: whoever joins a base URL and a path easily writes two.
 */
export function pathOf(target = "/"): string {
  const path = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?]*/i, "");
  const query = path.indexOf("?");
  const bare = query < 0 ? path : path.slice(0, query);
  return (bare.includes("//") ? bare.replace(/\/+/g, "/") : bare) || "/";
}
