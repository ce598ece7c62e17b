/** A connection to an MCP server that speaks HTTP+SSE (MCP 2024-11-05), with the gateway as its client. */
import { deferred } from "../deferred.ts";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { HttpUpstream } from "./http-upstream.ts";
import type { Link, LinkEvents } from "./link.ts";
import { Outbox, type Delivery } from "./upstream-outbox.ts";
import { exchangeWithin } from "./upstream-redirect.ts";
import { causeOf } from "./causes.ts";
import { refusalOf } from "./upstream-refusal.ts";
import { reach } from "./upstream-patience.ts";
import { NotSent, reasonOf, type UpstreamResponse } from "./upstream-request.ts";
import { isStream, messagesIn, readSmallBody, readEvents } from "./upstream-response.ts";

let opened = 0;

/** Milliseconds in which its first event has to name the endpoint: other streams than those of the transport never do. */
const ENDPOINT_TIME = 10_000;

/** Opens an upstream's event stream. Messages wait until it has named the endpoint to post them to. */
export function openSseUpstream(upstream: HttpUpstream, log: Logger, events: LinkEvents): Link {
  return new SseLink(upstream, log, events);
}

class SseLink implements Link {
  readonly label: string;
  readonly #upstream: HttpUpstream;
  readonly #url: URL;
  readonly #log: Logger;
  readonly #events: LinkEvents;
  readonly #outbox: Outbox;
  /** Ends the event stream. */
  readonly #abort = new AbortController();
  readonly #endpoint = deferred<URL>();
  readonly hint = "Check that there is an MCP server for HTTP+SSE at its URL.";
  /** Whether the upstream has shown that it is one. */
  #isOpen = false;

  constructor(upstream: HttpUpstream, log: Logger, events: LinkEvents) {
    this.#upstream = upstream;
    this.#url = new URL(upstream.url);
    this.#log = log;
    this.#events = events;
    this.label = `${upstream.service}[upstream sse ${++opened}]`;
    const deliver = (delivery: Delivery) => this.#post(delivery);
    this.#outbox = new Outbox({ ...upstream, label: this.label, deliver }, events, log);
    this.#endpoint.promise.catch(() => {}); // `closed` answers whoever waits for it
    void this.#listen();
  }

  send(text: string): void {
    this.#outbox.send(text);
  }

  async close(): Promise<void> {
    this.#outbox.close();
    this.#abort.abort();
    this.#endpoint.reject(new NotSent("closed"));
  }

  /** The stream is the session, so it cannot be resumed. */
  async #listen(): Promise<void> {
    try {
      const headers = { ...this.#upstream.headers, accept: "text/event-stream" };
      const request = { method: "GET", headers, signal: this.#abort.signal } as const;
      const { response } = await exchangeWithin(this.#url, request, this.#upstream);
      if (response.status >= 300 || !isStream(response)) {
        response.body.destroy();
        if (response.status >= 300) throw this.#refusal(response);
        throw new Error("its answer is not an event stream");
      }
      const late = setTimeout(() => response.body.destroy(new Error("its stream names no endpoint")), ENDPOINT_TIME);
      void this.#endpoint.promise.catch(() => {}).finally(() => clearTimeout(late));
      await readEvents(response, this.#upstream, {
        onEvent: ({ event, data }) => {
          if (event === "endpoint") this.#endpointNamed(data);
          else for (const text of messagesIn(data)) this.#outbox.receive(text);
        },
      });
      throw new Error("its event stream ended");
    } catch (error) {
      this.#ended(error);
    }
  }

  /** The endpoint must be at the same origin: the secret is sent to it. */
  #endpointNamed(data: string): void {
    const endpoint = new URL(data, this.#url);
    if (endpoint.origin !== this.#url.origin) throw new Error(`its endpoint is elsewhere: ${endpoint.origin}`);
    this.#isOpen = true;
    this.#endpoint.resolve(endpoint);
  }

  /** Posts a message; its answer comes on the event stream. */
  async #post({ message, abort }: Delivery): Promise<void> {
    const { service } = this.#upstream;
    const headers = { ...this.#upstream.headers, "content-type": "application/json" };
    const endpoint = await this.#endpoint.promise;
    const request = { method: "POST", headers, body: message.text, signal: abort.signal } as const;
    const response = await reach(endpoint, request, this.#upstream.patience);
    const { status } = response;
    void readSmallBody(response);
    if (status >= 500) throw new Error(`HTTP ${status}`);
    if (status >= 300)
      throw new GatewayError("upstream-refused", { service, status, remedy: "Its own log may say why." });
  }

  #refusal(response: UpstreamResponse): Error {
    const { service, headers: sent } = this.#upstream;
    if (response.status !== 404 && response.status !== 405)
      return refusalOf({ ...this.#upstream, method: "initialize", sent, response });
    const answer = `HTTP ${response.status}`;
    return new GatewayError("upstream-not-mcp", { service, answer, remedy: NOT_SSE });
  }

  #ended(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const { what: reason, remedy } = error instanceof GatewayError ? inWords(error) : causeOf(reasonOf(error));
    this.#log.warn({ child: this.label, reason }, "upstream's event stream ended");
    void this.close();
    this.#events.closed({ reason, lastStderr: "", ...(!this.#isOpen && { neverRan: true, hint: remedy }) });
  }
}

const NOT_SSE = "Check the path, which is often /sse; for a server of Streamable HTTP leave out --url-type sse.";

/** The status, and what to do about it. */
const inWords = ({
  details: { status, answer = `HTTP ${status}`, remedy = "Its own log may say why." },
}: GatewayError) => ({
  what: String(answer),
  remedy: String(remedy),
});
