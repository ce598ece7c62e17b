/**
 * The answer to a modern request: plain JSON when the answer is the first message, an event stream when another one is. It
 * cannot be resumed (MCP 2026-07-28, Streamable HTTP).
 */
import type { GatewayError } from "../errors.ts";
import { errorAnswer, find, type Message, type Pieces } from "../jsonrpc.ts";
import type { Held, Share } from "../memory-budget.ts";
import type { Principal } from "../principal.ts";
import type { AdmittedExchange } from "./exchange.ts";
import type { Beating, Heartbeat } from "./heartbeat.ts";
import type { ModernReplier } from "./modern-requests.ts";
import type { Metadata } from "./request-metadata.ts";
import { SseResponse } from "./sse-response.ts";

export interface ReplyParts extends Pick<Metadata, "logLevel"> {
  /** Makes the answer that the client gets of the server's. @default - the same */
  readonly rewrite?: ((answer: string) => string) | undefined;
}

/** Answers one modern request. */
export class ModernReply implements ModernReplier, Beating {
  readonly principal: Principal;
  readonly address: string;
  readonly logLevel: string | undefined;
  readonly #exchange: AdmittedExchange;
  readonly #heartbeat: Heartbeat;
  #stream: SseResponse | undefined;
  readonly #rewrite: ReplyParts["rewrite"];
  #over = false;

  constructor(exchange: AdmittedExchange, heartbeat: Heartbeat, parts: ReplyParts) {
    this.#exchange = exchange;
    this.#heartbeat = heartbeat;
    this.principal = exchange.principal;
    this.address = exchange.address;
    this.logLevel = parts.logLevel;
    this.#rewrite = parts.rewrite;
    heartbeat.add(this);
  }

  get memory(): Share {
    return this.#exchange.share;
  }

  get held(): Held {
    return this.#exchange.memory;
  }

  get over(): boolean {
    return this.#over;
  }

  answer(answer: string, received?: Message, pieces?: Pieces): void {
    if (this.#over) return;
    this.#exchange.call?.answered(answer, received);
    const text = this.#rewrite?.(answer) ?? answer;
    const isResult = received !== undefined && received.result >= 0;
    const json = !this.#stream && this.#exchange.acceptsJson;
    const same = text === answer ? pieces : undefined;
    if (json) return this.#finish(() => this.#exchange.json(isResult ? 200 : statusOf(text), text, undefined, same));
    this.message(text);
    this.#finish(() => this.#stream?.end());
  }

  message(text: string): void {
    if (this.#over || !this.#exchange.acceptsStream) return;
    this.#open().send(text);
  }

  fail(error: GatewayError): void {
    if (this.#over) return;
    this.#exchange.call?.failed(error);
    if (!this.#stream) return this.#finish(() => this.#exchange.fail(error));
    const data = { error: error.name, ...error.data };
    this.answer(errorAnswer(this.#exchange.requestId, error.modernCode, error.message, data));
  }

  /** A client that waits for long sees that the gateway is alive. */
  beat(): void {
    if (this.#exchange.acceptsStream) this.#open();
  }

  #open(): SseResponse {
    this.#heartbeat.delete(this); // the response has a heartbeat of its own now
    return (this.#stream ??= new SseResponse(this.#exchange, this.#heartbeat));
  }

  #finish(last: () => void): void {
    this.#over = true;
    this.#heartbeat.delete(this);
    last();
  }
}

/** HTTP status of the errors that proxies should see too (MCP 2026-07-28, Streamable HTTP, "Protocol Version Header"). */
const STATUS: Readonly<Record<string, number>> = { "-32601": 404, "-32020": 400, "-32021": 400, "-32022": 400 };

function statusOf(text: string): number {
  const code = find(text, 0, "error", "code");
  return (code && STATUS[text.slice(code.start, code.end)]) ?? 200;
}
