/** A connection to an MCP server that speaks HTTP+SSE (MCP 2024-11-05): the gateway is its client. Knows nothing of who calls. */
import { GatewayError } from "../errors.ts";
import { errorAnswer, readMessage, type Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import type { HttpUpstream } from "./http-upstream.ts";
import type { Link, LinkEvents } from "./link.ts";
import { readEvents, reasonOf } from "./upstream-response.ts";

let opened = 0;

/** Opens the event stream of an upstream; messages wait until it has named the endpoint that they are posted to. */
export function openSseUpstream(upstream: HttpUpstream, log: Logger, events: LinkEvents): Link {
  return new SseLink(upstream, log, events);
}

class SseLink implements Link {
  readonly label: string;
  readonly #upstream: HttpUpstream;
  readonly #log: Logger;
  readonly #events: LinkEvents;
  readonly #abort = new AbortController();
  readonly #endpoint = Promise.withResolvers<URL>();

  constructor(upstream: HttpUpstream, log: Logger, events: LinkEvents) {
    this.#upstream = upstream;
    this.#log = log;
    this.#events = events;
    this.label = `${upstream.service}[upstream sse ${++opened}]`;
    this.#endpoint.promise.catch(() => {}); // who waits for it is told by `closed`
    void this.#listen();
  }

  send(text: string): void {
    void this.#post(readMessage(text) as Message);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#endpoint.reject(new Error("closed"));
  }

  async #listen(): Promise<void> {
    const { url, headers } = this.#upstream;
    try {
      const { signal } = this.#abort;
      const response = await fetch(url, {
        headers: { ...headers, accept: "text/event-stream" },
        signal,
        redirect: "error",
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      await readEvents(response, ({ event, data }) => {
        if (event === "endpoint") this.#endpointNamed(data);
        else if (data.startsWith("{")) this.#events.message(data.replaceAll("\n", " "));
      });
      throw new Error("its event stream ended");
    } catch (error) {
      this.#ended(reasonOf(error));
    }
  }

  /** The endpoint must be the upstream's own: the secret goes nowhere else. */
  #endpointNamed(data: string): void {
    const endpoint = new URL(data, this.#upstream.url);
    if (endpoint.origin !== new URL(this.#upstream.url).origin)
      throw new Error(`its endpoint is elsewhere: ${endpoint.origin}`);
    this.#endpoint.resolve(endpoint);
  }

  async #post(message: Message): Promise<void> {
    try {
      const response = await fetch(await this.#endpoint.promise, {
        method: "POST",
        headers: { ...this.#upstream.headers, "content-type": "application/json" },
        body: Buffer.from(message.text, "latin1"),
        signal: this.#abort.signal,
        redirect: "error",
      });
      await response.body?.cancel(); // the answer comes on the event stream
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
    } catch (error) {
      if (this.#abort.signal.aborted || message.kind !== "request") return;
      const refusal = new GatewayError("upstream-unreachable", {
        service: this.#upstream.service,
        reason: reasonOf(error),
      });
      this.#events.message(errorAnswer(message.id, refusal.code, refusal.message));
    }
  }

  #ended(reason: string): void {
    if (this.#abort.signal.aborted) return;
    this.#log.warn({ child: this.label, reason }, "upstream's event stream ended");
    void this.close();
    this.#events.closed({ reason, lastWords: "" });
  }
}
