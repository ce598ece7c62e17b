/** A connection to an MCP server that speaks Streamable HTTP: the gateway is its client. Knows nothing of who calls. */
import { errorAnswer, find, decode, readMessage, type Message } from "../jsonrpc.ts";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Link, LinkEvents } from "./link.ts";
import { isStream, readMessages, reasonOf } from "./upstream-response.ts";

export interface HttpUpstream {
  readonly service: string;
  readonly url: string;
  /** Sent with every request; the service's secret is among them. */
  readonly headers: Readonly<Record<string, string>>;
}

let opened = 0;

/** Opens a session at an upstream. Nothing is sent before the first message. */
export function openHttpUpstream(upstream: HttpUpstream, log: Logger, events: LinkEvents): Link {
  return new HttpLink(upstream, log, events);
}

class HttpLink implements Link {
  readonly label: string;
  readonly #upstream: HttpUpstream;
  readonly #log: Logger;
  readonly #events: LinkEvents;
  readonly #abort = new AbortController();
  #session: string | undefined;
  #version: string | undefined;
  /** Messages leave in the order in which they came: each POST starts when the one before it has its response head. */
  #last: Promise<void> = Promise.resolve();

  constructor(upstream: HttpUpstream, log: Logger, events: LinkEvents) {
    this.#upstream = upstream;
    this.#log = log;
    this.#events = events;
    this.label = `${upstream.service}[upstream ${++opened}]`;
  }

  send(text: string): void {
    const message = readMessage(text) as Message;
    // Only the handshake must be over before what follows; calls run side by side.
    const before = this.#last;
    const sent = before.then(() => this.#post(message));
    if (message.method === "initialize" || message.method === "notifications/initialized") this.#last = sent;
    if (message.method === "notifications/initialized") void sent.then(() => this.#listen());
  }

  async close(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    const session = this.#session;
    this.#abort.abort();
    if (session === undefined) return;
    const ended = fetch(this.#upstream.url, {
      method: "DELETE",
      headers: this.#headers(),
      signal: AbortSignal.timeout(2_000),
    });
    await ended.catch(() => {}); // it forgets the session by itself
  }

  async #post(message: Message): Promise<void> {
    try {
      const response = await fetch(this.#upstream.url, {
        method: "POST",
        headers: {
          ...this.#headers(),
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: Buffer.from(message.text, "latin1"),
        signal: this.#abort.signal,
        redirect: "error", // a redirect would carry the secret elsewhere
      });
      if (!response.ok) return await this.#refused(message, response);
      this.#session ??= response.headers.get("mcp-session-id") ?? undefined;
      const reading = this.#read(response, message);
      if (message.method === "initialize") await reading;
    } catch (error) {
      this.#failed(message, error);
    }
  }

  /** Reads what a POST is answered with; a request that its response leaves without an answer gets an error. */
  async #read(response: Response, message: Message): Promise<void> {
    let answered = message.kind !== "request";
    try {
      await readMessages(response, (text) => {
        const received = readMessage(text);
        if (received?.kind === "response" && received.id === message.id) answered = true;
        if (message.method === "initialize" && received) this.#version = versionIn(text);
        this.#events.message(text);
      });
      if (!answered) throw new Error("the response ended without an answer");
    } catch (error) {
      if (!answered) this.#failed(message, error);
    }
  }

  /** The stream that no call owns. 405 = the server has none (MCP 2025-11-25, Transports, "Listening for Messages"). */
  async #listen(): Promise<void> {
    try {
      const response = await fetch(this.#upstream.url, {
        headers: { ...this.#headers(), accept: "text/event-stream" },
        signal: this.#abort.signal,
        redirect: "error",
      });
      if (response.ok && isStream(response)) await readMessages(response, (text) => this.#events.message(text));
      else await response.body?.cancel();
    } catch (error) {
      this.#log.debug({ child: this.label, err: error }, "the upstream's own stream ended");
    }
  }

  async #refused(message: Message, response: Response): Promise<void> {
    const { status } = response;
    const text = Buffer.from(await response.arrayBuffer()).toString("latin1");
    this.#log.warn({ child: this.label, status, method: message.method }, "upstream refused");
    if (status === 404 && this.#session !== undefined) return this.#lost("its session ended (HTTP 404)");
    // What the upstream says as JSON-RPC is the caller's; of what else it says only the status is.
    const received = readMessage(text);
    if (received?.kind === "response" && received.id === message.id) return this.#events.message(text);
    this.#answerWith(message, new GatewayError("upstream-refused", { service: this.#upstream.service, status }));
  }

  #failed(message: Message, error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const reason = reasonOf(error);
    this.#log.warn({ child: this.label, method: message.method, reason }, "upstream failed");
    this.#answerWith(message, new GatewayError("upstream-unreachable", { service: this.#upstream.service, reason }));
  }

  #answerWith({ kind, id }: Message, error: GatewayError): void {
    if (kind === "request") this.#events.message(errorAnswer(id, error.code, error.message));
  }

  #lost(reason: string): void {
    this.#abort.abort();
    this.#events.closed({ reason, lastWords: "" });
  }

  #headers(): Record<string, string> {
    return {
      ...this.#upstream.headers,
      ...(this.#session !== undefined && { "mcp-session-id": this.#session }),
      ...(this.#version !== undefined && { "mcp-protocol-version": this.#version }),
    };
  }
}

function versionIn(text: string): string | undefined {
  const version = find(text, 0, "result", "protocolVersion");
  return version && String(decode(text, version));
}
