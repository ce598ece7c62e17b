/** A connection to an MCP server that speaks Streamable HTTP, with the gateway as its client. */
import { GatewayError } from "../errors.ts";
import { decode, find, readMessage } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import type { Share } from "../memory-budget.ts";
import type { Link, LinkEvents } from "./link.ts";
import { Outbox, type Delivery } from "./upstream-outbox.ts";
import { exchange, reasonOf, type UpstreamRequest, type UpstreamResponse } from "./upstream-request.ts";
import { isStream, messagesIn, readBody, readSmallBody } from "./upstream-response.ts";
import { UpstreamStream } from "./upstream-stream.ts";

/** Where an upstream is, and how to call it. */
export interface HttpUpstream {
  readonly service: string;
  readonly url: string;
  /** Sent with every request, including the service's secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** The longest message that is read, in bytes. */
  readonly maxLine: number;
  /** Where messages that it has not taken, and long ones that it has not ended, are counted. */
  readonly memory: Share;
}

let opened = 0;

/** Opens a session at an upstream. Nothing is sent before the first message. */
export function openHttpUpstream(upstream: HttpUpstream, log: Logger, events: LinkEvents): Link {
  return new HttpLink(upstream, log, events);
}

/** How often in a row a call's stream is resumed without getting an event. */
const MAX_EMPTY_READS = 5;

/** Milliseconds for the DELETE that ends a session. If it does not arrive, the upstream's own idle timeout ends it. */
const DELETE_TIMEOUT = 2_000;

/** The upstream refuses a stream for good. */
class NoStream extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`its stream cannot be resumed (HTTP ${status})`);
    this.status = status;
  }
}

class HttpLink implements Link {
  readonly label: string;
  readonly #upstream: HttpUpstream;
  readonly #url: URL;
  readonly #log: Logger;
  readonly #events: LinkEvents;
  readonly #outbox: Outbox;
  /** Ends the session's own stream. */
  readonly #abort = new AbortController();
  #session: string | undefined;
  #version: string | undefined;

  constructor(upstream: HttpUpstream, log: Logger, events: LinkEvents) {
    this.#upstream = upstream;
    this.#url = new URL(upstream.url);
    this.#log = log;
    this.#events = events;
    this.label = `${upstream.service}[upstream ${++opened}]`;
    const deliver = (delivery: Delivery) => this.#post(delivery);
    this.#outbox = new Outbox({ ...upstream, label: this.label, deliver }, events, log);
  }

  send(text: string): void {
    this.#outbox.send(text);
  }

  async close(): Promise<void> {
    if (this.#outbox.closed) return;
    this.#end();
    if (this.#session === undefined) return;
    const ended = this.#request({ method: "DELETE", headers: {}, signal: AbortSignal.timeout(DELETE_TIMEOUT) });
    await ended.then(readSmallBody).catch(() => {});
  }

  async #post(delivery: Delivery): Promise<void> {
    const { message, abort } = delivery;
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const response = await this.#request({ method: "POST", headers, body: message.text, signal: abort.signal });
    if (response.status >= 300) return this.#refused(delivery, response);
    if (message.method === "initialize") this.#session = header(response, "mcp-session-id");
    if (message.kind !== "request") void readSmallBody(response);
    else if (isStream(response)) await this.#follow(delivery, response);
    else await this.#readAnswer(delivery, response);
    if (message.method === "notifications/initialized") void this.#listen();
  }

  async #readAnswer(delivery: Delivery, response: UpstreamResponse): Promise<void> {
    const { service } = this.#upstream;
    for (const text of messagesIn(await readBody(response, this.#upstream))) this.#receive(delivery, text);
    if (this.#outbox.waitsFor(delivery)) throw new GatewayError("bad-answer", { service });
  }

  /** Reads the stream that answers a request, and resumes it when it breaks off. */
  async #follow(delivery: Delivery, response: UpstreamResponse): Promise<void> {
    const { signal } = delivery.abort;
    const stream = new UpstreamStream(this.#upstream, (text) => this.#receive(delivery, text));
    let ended = await reasonForEnd(stream.read(response));
    while (this.#outbox.waitsFor(delivery)) {
      if (!stream.resumable || ended instanceof NoStream || (ended && stream.emptyReads >= MAX_EMPTY_READS))
        throw ended ?? new Error("its stream ended without an answer");
      await stream.pause(signal);
      ended = await reasonForEnd(this.#resume(stream, signal));
    }
  }

  /** Reads the session's own stream, which carries messages that belong to no call, for as long as the session lasts. */
  async #listen(): Promise<void> {
    const { signal } = this.#abort;
    const stream = new UpstreamStream(this.#upstream, (text) => this.#outbox.receive(text));
    while (!signal.aborted) {
      const ended = await reasonForEnd(this.#resume(stream, signal));
      if (signal.aborted) return;
      this.#log.debug({ child: this.label, reason: ended && reasonOf(ended) }, "the session's own stream ended");
      // A server without such a stream should answer 405; some answer the first GET with 404, which does not end the session.
      if (ended instanceof NoStream) return stream.opened && ended.status === 404 ? this.#sessionEnded() : undefined;
      await stream.pause(signal).catch(() => {});
    }
  }

  /** Opens a stream, where it broke off or anew, and reads it to its end. @throws NoStream */
  async #resume(stream: UpstreamStream, signal: AbortSignal): Promise<void> {
    const response = await this.#request({ method: "GET", headers: stream.headers, signal });
    if (response.status < 300 && isStream(response)) return stream.read(response);
    response.body.destroy();
    // These are temporary (RFC 9110, section 15; RFC 6585, section 4).
    if (response.status >= 500 || response.status === 408 || response.status === 429)
      throw new Error(`HTTP ${response.status}`);
    throw new NoStream(response.status);
  }

  async #refused(delivery: Delivery, response: UpstreamResponse): Promise<void> {
    const { service } = this.#upstream;
    const { status } = response;
    const { id } = delivery.message;
    const said = messagesIn(await readSmallBody(response));
    if (status === 404 && this.#session !== undefined) return this.#sessionEnded(delivery);
    // A JSON-RPC error is passed on to the caller; of anything else only the status is.
    const answer = said.find((text) => readMessage(text)?.kind === "response" && readMessage(text)?.id === id);
    if (answer !== undefined) return this.#outbox.receive(answer);
    if (status >= 500) throw new Error(`HTTP ${status}`);
    throw new GatewayError("upstream-refused", { service, status });
  }

  #receive({ message }: Delivery, text: string): void {
    if (message.method === "initialize") this.#version ??= versionIn(text);
    this.#outbox.receive(text);
  }

  /** The upstream has ended the session (MCP 2025-11-25, Transports, "Session Management"). What it refused has not run. */
  #sessionEnded(refused?: Delivery): void {
    const error = new GatewayError("upstream-session-ended", { service: this.#upstream.service });
    if (refused) this.#outbox.fail(refused, error);
    this.#outbox.failWaiting(error);
    if (this.#outbox.closed) return;
    this.#log.warn({ child: this.label }, "the upstream has ended the session");
    this.#end();
    this.#events.closed({ reason: "its session ended (HTTP 404)", lastStderr: "" });
  }

  #end(): void {
    this.#outbox.close();
    this.#abort.abort();
  }

  #request(request: UpstreamRequest): Promise<UpstreamResponse> {
    const headers = {
      ...this.#upstream.headers,
      ...(this.#session !== undefined && { "mcp-session-id": this.#session }),
      ...(this.#version !== undefined && { "mcp-protocol-version": this.#version }),
      ...request.headers,
    };
    return exchange(this.#url, { ...request, headers });
  }
}

/** Why reading broke off, or undefined when it reached the end. */
const reasonForEnd = (reading: Promise<void>) => reading.then(() => undefined).catch((error: Error) => error);

const header = ({ headers }: UpstreamResponse, name: string) => headers[name] as string | undefined;

/** The version in an answer to `initialize`, if it is fit for a header. */
function versionIn(text: string): string | undefined {
  try {
    const span = find(text, 0, "result", "protocolVersion");
    const version = span && decode(text, span);
    return typeof version === "string" && /^[\w.-]{1,64}$/.test(version) ? version : undefined;
  } catch {
    return undefined; // not JSON: whoever reads the answer reports it
  }
}
