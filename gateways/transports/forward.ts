/** Forwards a request to another gateway of the service, and streams its answer back. */
import { request, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { GatewayError } from "../errors.ts";
import { errorAnswer } from "../jsonrpc.ts";
import type { Exchange } from "./exchange.ts";
import { FORWARDED, MISDIRECTED, passedHeaders } from "./forwarded.ts";

/** Milliseconds to connect; on one machine it takes one. */
const CONNECT_TIME = 2_000;
/** Milliseconds that a gateway may take from accepting the connection to asking for the body. */
const GREETING_TIME = 5_000;

/** Headers of an answer that concern one connection (RFC 9110, section 7.6.1), or that every gateway sets itself. */
const OWN = new Set(["connection", "keep-alive", "transfer-encoding", "date"]);

export interface ForwardOptions {
  /** `host:port`, with a path on a hub. */
  readonly owner: string;
  /** The value of the header that carries the checks' result, signed. */
  readonly signature: string;
  readonly body: Buffer;
  /** Milliseconds of silence after which a call is given up; 0 = never. */
  readonly idleTimeout: number;
  /** Aborted when this gateway ends. @default - its stream is ended by whoever forwards it */
  readonly ending?: AbortSignal;
}

/**
 * Forwards a request.
 * @returns true when the client has been answered (or has left); false when the other gateway is gone or refuses the
 *   request: nothing has run
 * @throws GatewayError `owner-silent`, `shutting-down` when nothing has run, `forward-broke`, `call-ended` when the call may have
 */
export function forward(exchange: Exchange, options: ForwardOptions): Promise<boolean> {
  return new Promise((resolve, reject) => new Forward(exchange, options, resolve, reject).send());
}

/** The body is sent only when the other gateway asks for it: a call that breaks off before certainly has not run. */
class Forward {
  readonly #exchange: Exchange;
  readonly #options: ForwardOptions;
  readonly #resolve: (answered: boolean) => void;
  readonly #reject: (error: GatewayError) => void;
  readonly #request: ClientRequest;
  #timer: NodeJS.Timeout;
  #bodySent = false;
  #answering = false;
  #broken = new GatewayError("forward-broke");

  constructor(
    exchange: Exchange,
    options: ForwardOptions,
    resolve: (answered: boolean) => void,
    reject: (error: GatewayError) => void,
  ) {
    this.#exchange = exchange;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    const url = new URL(`http://${options.owner}${exchange.path}`);
    // A connection for each: a kept one could break at that very moment, and nobody would know whether the call had run.
    this.#request = request(url, { method: exchange.method, headers: this.#headers(), agent: false });
    this.#timer = setTimeout(() => this.#request.destroy(), CONNECT_TIME);
  }

  send(): void {
    const sending = this.#request;
    sending.once("socket", (socket) => socket.once("connect", () => this.#connected()));
    sending.once("continue", () => this.#sendBody());
    sending.once("response", (response) => this.#answer(response));
    sending.once("error", () => this.#broke());
    sending.once("close", () => this.#broke());
    this.#exchange.onceGone(() => this.#clientLeft());
    this.#options.ending?.addEventListener("abort", () => this.#giveUp());
    if (this.#exchange.method === "POST") sending.flushHeaders();
    else sending.end();
  }

  #headers(): OutgoingHttpHeaders {
    const { req, method, session } = this.#exchange;
    const { signature, body } = this.#options;
    const own = method === "POST" ? { expect: "100-continue", "content-length": body.length } : {};
    return { ...Object.fromEntries(passedHeaders(req.headers, session)), ...own, [FORWARDED]: signature };
  }

  #connected(): void {
    clearTimeout(this.#timer);
    this.#request.setNoDelay(true);
    this.#request.setSocketKeepAlive(true, 5_000);
    this.#timer = setTimeout(() => {
      this.#over(() => this.#reject(new GatewayError("owner-silent")));
      this.#request.destroy();
    }, GREETING_TIME);
  }

  #sendBody(): void {
    clearTimeout(this.#timer);
    this.#bodySent = true;
    if (this.#options.idleTimeout > 0)
      this.#request.setTimeout(this.#options.idleTimeout, () => this.#request.destroy());
    this.#request.end(this.#options.body);
  }

  #answer(response: IncomingMessage): void {
    clearTimeout(this.#timer);
    const { res, headers } = this.#exchange;
    if (this.#exchange.gone) return void response.destroy();
    if (response.statusCode === MISDIRECTED) {
      response.resume();
      return this.#over(() => this.#resolve(false));
    }
    this.#answering = true;
    const passed = Object.entries(response.headers).filter(([name]) => !OWN.has(name));
    res.writeHead(response.statusCode ?? 200, { ...Object.fromEntries(passed), ...headers } as OutgoingHttpHeaders);
    res.flushHeaders();
    res.on("error", () => {}); // a write just as the client left; `close` follows
    let last = "\n\n";
    response.on("data", (chunk: Buffer) => (last = chunk.toString("latin1", Math.max(0, chunk.length - 2))));
    response.on("error", () => {}); // `close` follows
    response.pipe(res, { end: false });
    if (isStream(response)) this.#exchange.endsBy(() => this.#endLogin(response));
    response.once("close", () => {
      if (response.complete) res.end();
      else this.#brokeWhileAnswering(response, last === "\n\n");
      this.#over(() => this.#resolve(true));
    });
  }

  /** An event stream can still carry an error, unless it broke in the middle of an event. */
  #brokeWhileAnswering(response: IncomingMessage, betweenEvents: boolean): void {
    const { res, requestId, gone } = this.#exchange;
    if (gone) return;
    if (requestId === undefined && isStream(response)) return void res.end(); // the client may reopen a stream that no call owns
    if (!isStream(response) || !betweenEvents) return void res.destroy();
    const { code, message, name } = this.#broken;
    const text = errorAnswer(requestId, code, message, { error: name });
    res.end(`event: message\ndata: ${text}\n\n`, "latin1");
  }

  /** The stream ends; the other gateway hears of it when its own closes. */
  #endLogin(response: IncomingMessage): void {
    response.unpipe(this.#exchange.res);
    this.#exchange.res.end();
  }

  #broke(): void {
    clearTimeout(this.#timer);
    if (this.#answering) return;
    this.#over(() => (this.#bodySent ? this.#reject(this.#broken) : this.#resolve(false)));
  }

  /** This gateway ends: its client is told whether the call may have run. */
  #giveUp(): void {
    this.#broken = new GatewayError("call-ended", { reason: "its gateway is shutting down" });
    if (!this.#bodySent && !this.#answering) this.#over(() => this.#reject(new GatewayError("shutting-down")));
    this.#request.destroy();
  }

  #clientLeft(): void {
    clearTimeout(this.#timer);
    this.#over(() => this.#resolve(true));
    this.#request.destroy();
  }

  /** Only the first end counts: a promise settles once. */
  #over(settle: () => void): void {
    clearTimeout(this.#timer);
    settle();
  }
}

const isStream = ({ headers }: IncomingMessage) => headers["content-type"]?.startsWith("text/event-stream") ?? false;
