/** One HTTP request and its answer, as the rest of the gateway sees them. The only file that writes a plain response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ErrorName, GatewayError } from "../errors.ts";
import { errorAnswer } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";

export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The client's address: of the peer, or what a trusted proxy says. */
  readonly address: string;
  /** The path without its query; on the hub without the service's name. */
  path: string;
  /** The id of the request that is being answered, as it stands in its text, for errors. */
  requestId: string | undefined;
  /** Sent with whatever the answer is. */
  readonly headers: Record<string, string> = {};
  /** The refusal that was answered, for the log. */
  refusal: ErrorName | undefined;
  readonly started = performance.now();
  readonly #log: Logger;

  constructor(req: IncomingMessage, res: ServerResponse, address: string, log: Logger) {
    this.req = req;
    this.res = res;
    this.address = address;
    this.#log = log;
    const url = req.url ?? "/";
    const query = url.indexOf("?");
    this.path = query < 0 ? url : url.slice(0, query);
  }

  get method(): string {
    return this.req.method ?? "GET";
  }

  /** A request header; of one sent several times, the first. */
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
    if (this.res.headersSent) return;
    this.res.writeHead(status, {
      ...this.headers,
      ...headers,
      "content-type": "application/json",
      "content-length": text.length,
    });
    this.res.end(this.method === "HEAD" ? undefined : text, "latin1");
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
    if (!this.req.complete) this.#endConnection();
    this.json(error.status, errorAnswer(this.requestId, error.code, error.message, { error: error.name }), {
      ...(error.retryAfter !== undefined && { "retry-after": String(Math.max(1, Math.ceil(error.retryAfter))) }),
      ...(error.name === "unauthorized" && { "www-authenticate": "Bearer" }),
      ...(error.details["allow"] !== undefined && { allow: String(error.details["allow"]) }),
    });
  }

  /** The rest of a body that will not be read is thrown away for a while, so that the client gets to read the answer. */
  #endConnection(): void {
    this.headers["connection"] = "close";
    this.req.resume();
    this.res.once("finish", () => setTimeout(() => this.req.destroy(), 2_000).unref());
  }
}

/** A missing Accept and the wildcard accept everything (RFC 9110, section 12.5.1). */
function accepts(header: string | undefined, type: string, family: string): boolean {
  if (header === undefined || header === "" || header.includes("*/*")) return true;
  return header.includes(type) || header.includes(family);
}
