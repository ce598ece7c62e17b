/** A response that stays open and carries a stream as server-sent events (WHATWG HTML, section 9.2). */
import type { Carrier, Stream } from "../sessions/stream.ts";
import type { AdmittedExchange } from "./exchange.ts";
import type { Beating, Heartbeat } from "./heartbeat.ts";
import { Outflow } from "./outflow.ts";

/**
 * An open event stream. It has a heartbeat until it ends. Events are named although `message` is the default: clients are in use
 * that lose the others (@ai-sdk/mcp 1.0, the Java SDK 1.1), and the reference SDKs name theirs.
 */
export class SseResponse implements Carrier, Beating {
  readonly #exchange: AdmittedExchange;
  readonly #heartbeat: Heartbeat;
  readonly #outflow: Outflow;
  #carried: Stream | undefined;
  #ended = false;

  /** Sends the head at once, so that proxies and clients see the stream open. */
  constructor(exchange: AdmittedExchange, heartbeat: Heartbeat) {
    this.#exchange = exchange;
    this.#heartbeat = heartbeat;
    this.#outflow = new Outflow(exchange.res, exchange.memory);
    if (exchange.gone) return; // it was answered while this waited for something
    exchange.res.writeHead(200, {
      ...exchange.headers,
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    });
    exchange.res.flushHeaders();
    exchange.res.on("error", () => {}); // a write just as the client left; `close` follows
    exchange.onceGone(() => heartbeat.delete(this));
    exchange.endsBy(() => this.#endLogin());
    heartbeat.add(this);
  }

  /** Carries a stream until either ends. */
  carry(stream: Stream, after?: number): void {
    this.#exchange.onceGone(() => stream.detach(this));
    this.#carried = stream;
    stream.attach(this, after);
  }

  /** The first event of MCP 2024-11-05: where the client sends its messages. */
  endpoint(uri: string): void {
    this.named("endpoint", uri);
  }

  /** An event of another name. @param data one line, one character a byte */
  named(name: string, data: string): void {
    this.#write(`event: ${name}\ndata: ${data}\n\n`);
  }

  /** Bytes that its client has not taken. */
  get waiting(): number {
    return this.#outflow.waiting;
  }

  /** An event without a message: the client learns an id to resume from (MCP 2025-11-25, SEP-1699). */
  prime(id: string): void {
    this.#write(`id: ${id}\ndata: \n\n`);
  }

  event(id: string, text: string): void {
    this.#write(`event: message\nid: ${id}\ndata: ${onOneLine(text)}\n\n`);
  }

  /** Sends a message that cannot be resumed. */
  send(text: string): void {
    this.#write(`event: message\ndata: ${onOneLine(text)}\n\n`);
  }

  /** Where something waits already, one more sign of life would only wait behind it. */
  beat(): void {
    if (this.waiting === 0) this.#write(": \n\n");
  }

  end(): void {
    this.#heartbeat.delete(this);
    this.#ended = true;
    this.#outflow.end();
  }

  /** What comes from here on waits for the next carrier, which only a new login opens. */
  #endLogin(): void {
    this.#carried?.detach(this);
    this.end();
  }

  /** A client for which more waits than there is memory is cut off. It may resume: its session keeps the last events. */
  #write(text: string): void {
    if (this.#ended || this.#exchange.gone || this.#outflow.write(text)) return;
    this.#exchange.cut(`slow reader: ${this.#outflow.waiting} bytes wait for it, and there is no memory for more`);
  }
}

/** A lone carriage return would end the line; in valid JSON it occurs only between values. */
const onOneLine = (text: string) => (text.includes("\r") ? text.replaceAll("\r", " ") : text);
