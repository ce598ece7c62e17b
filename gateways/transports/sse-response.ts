/** A response that stays open and carries a stream as server-sent events (WHATWG HTML, section 9.2). */
import type { Carrier, Stream } from "../sessions/stream.ts";
import type { Exchange } from "./exchange.ts";
import type { Beating, Heartbeat } from "./heartbeat.ts";

/** How many bytes may wait for a client that does not read. Above that its connection is cut, and it may resume. */
const MAX_UNREAD = 64 * 1024 * 1024;

/**
 * An open event stream. It has a heartbeat until it ends. Events are named although `message` is the default: clients are in use
 * that lose the others (@ai-sdk/mcp 1.0, the Java SDK 1.1), and the reference SDKs name theirs.
 */
export class SseResponse implements Carrier, Beating {
  readonly #exchange: Exchange;
  readonly #heartbeat: Heartbeat;

  /** Sends the head at once, so that proxies and clients see the stream open. */
  constructor(exchange: Exchange, heartbeat: Heartbeat) {
    this.#exchange = exchange;
    this.#heartbeat = heartbeat;
    exchange.res.writeHead(200, {
      ...exchange.headers,
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    });
    exchange.res.flushHeaders();
    exchange.res.on("error", () => {}); // a write just as the client left; `close` follows
    heartbeat.add(this);
  }

  /** Carries a stream until either ends. */
  carry(stream: Stream, after?: number): void {
    this.#exchange.res.once("close", () => {
      this.#heartbeat.delete(this);
      stream.detach(this);
    });
    stream.attach(this, after);
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

  beat(): void {
    this.#write(": \n\n");
  }

  end(): void {
    this.#heartbeat.delete(this);
    this.#exchange.res.end();
  }

  #write(text: string): void {
    const { res } = this.#exchange;
    res.write(text, "latin1");
    if (res.writableLength > MAX_UNREAD) res.destroy();
  }
}

/** A lone carriage return would end the line; in valid JSON it occurs only between values. */
const onOneLine = (text: string) => (text.includes("\r") ? text.replaceAll("\r", " ") : text);
