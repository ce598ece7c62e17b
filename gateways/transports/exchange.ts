/** One HTTP request and its answer, as the rest of the gateway sees them. The only file that writes a plain response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { MODERN_VERSIONS } from "../bridge/versions.ts";
import { GatewayError, type ErrorName } from "../errors.ts";
import { errorAnswer } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import type { Forwarded } from "./forwarded.ts";

/** One request and its answer. Every answer goes through one of its methods, and only the first one counts. */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The client's address: of the connection, or what a trusted proxy or another gateway says. */
  address: string;
  /** The path without its query; on the hub without the service's name. */
  path: string;
  /** The id of the request that is being answered, as it stands in its text, for errors. */
  requestId: string | undefined;
  /** Sent with whatever the answer is. */
  readonly headers: Record<string, string> = {};
  /** Whether the request is of the modern era: its errors are told apart by other codes. */
  modern: boolean;
  /** What another gateway of the service says of the request that it sent on; undefined = it came from a client. */
  forwarded: Forwarded | undefined;
  /** The refusal that was answered, for the log. */
  refusal: ErrorName | undefined;
  readonly started = performance.now();
  readonly #log: Logger;

  constructor(req: IncomingMessage, res: ServerResponse, address: string, log: Logger) {
    this.req = req;
    this.res = res;
    this.address = address;
    this.#log = log;
    const url = (req.url ?? "/").replace(/^https?:\/\/[^/?]*/i, ""); // absolute form (RFC 9112, section 3.2.2)
    this.modern = MODERN_VERSIONS.includes(this.header("mcp-protocol-version") ?? "");
    const query = url.indexOf("?");
    this.path = (query < 0 ? url : url.slice(0, query)) || "/";
  }

  get method(): string {
    return this.req.method ?? "GET";
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

  /** Whether the client is gone: what is answered now reaches nobody. */
  get gone(): boolean {
    return this.res.closed || this.res.destroyed;
  }

  get acceptsJson(): boolean {
    return accepts(this.req.headers.accept, "application/json", "application/*");
  }

  get acceptsStream(): boolean {
    return accepts(this.req.headers.accept, "text/event-stream", "text/*");
  }

  /** Answers with JSON. @param text one character a byte (see jsonrpc.ts) */
  json(status: number, text: string, headers?: Record<string, string>): void {
    if (this.res.headersSent || this.gone) return;
    this.#writeJsonHead(status, text, headers);
    this.res.end(this.method === "HEAD" ? undefined : text, "latin1");
  }

  /** Answers with a page, which may load nothing and be framed by nobody. */
  html(page: string): void {
    this.res.writeHead(200, {
      ...this.headers,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
    });
    this.res.end(this.method === "HEAD" ? undefined : page);
  }

  /** Answers without a body. */
  empty(status: number, headers?: Record<string, string>): void {
    if (this.res.headersSent) return;
    this.res.writeHead(status, { ...this.headers, ...headers, ...(status !== 204 && { "content-length": "0" }) });
    this.res.end();
  }

  /** Answers with a refusal, as a JSON-RPC error. What the caller may not know goes to the log. */
  fail(error: GatewayError): void {
    this.refusal = error.name;
    if (error.name === "internal") this.#log.error({ err: error.cause, path: this.path }, "internal error");
    if (this.res.headersSent) return void this.res.destroy();
    const headers = {
      ...(error.retryAfter !== undefined && { "retry-after": String(Math.max(1, Math.ceil(error.retryAfter))) }),
      ...(error.name === "unauthorized" && { "www-authenticate": "Bearer" }),
      ...(error.details["allow"] !== undefined && { allow: String(error.details["allow"]) }),
    };
    const code = this.modern ? error.modernCode : error.code;
    const text = errorAnswer(this.requestId, code, error.message, { error: error.name, ...error.data });
    // A gateway that ends has not run it: who sent it on finds another.
    const { status } = this.forwarded && error.name === "shutting-down" ? new GatewayError("not-owner") : error;
    if (this.#bodyIsOnItsWay) this.#answerBeforeBody(status, text, headers);
    else this.json(status, text, headers);
  }

  #writeJsonHead(status: number, text: string, headers?: Record<string, string>): void {
    this.res.writeHead(status, {
      ...this.headers,
      ...headers,
      "content-type": "application/json",
      "content-length": text.length,
    });
  }

  /** Whether a body may still be coming that is too long to be read for nothing. */
  get #bodyIsOnItsWay(): boolean {
    const { headers, complete } = this.req;
    return !complete && (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 65_536);
  }

  /**
   * Answers, and throws the rest of the body away for a while: were the connection closed while the client still writes, the
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

/** A missing Accept and the wildcard accept everything (RFC 9110, section 12.5.1). */
function accepts(header: string | undefined, type: string, family: string): boolean {
  if (header === undefined || header === "" || header.includes("*/*")) return true;
  return header.includes(type) || header.includes(family);
}
