/**
 * A connection to an MCP server of 2026-07-28 over Streamable HTTP, with the gateway as its client. There is no session: every
 * request is complete, is answered on its own response, and is cancelled by closing that.
 */
import { GatewayError } from "../errors.ts";
import { encode, readMessage, request, stringIn, type Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import { endOfSubscription } from "./answers.ts";
import type { HttpUpstream } from "./http-upstream.ts";
import type { Link, LinkEvents } from "./link.ts";
import { metadataHeaders } from "./modern-headers.ts";
import { DISCOVER, OWN_META } from "./modern-handshake.ts";
import { isHeaderMismatch, isModernAnswer, leavesDoubt } from "./modern-refusal.ts";
import { Tools } from "./tools.ts";
import { Outbox, type Delivery } from "./upstream-outbox.ts";
import { exchangeWithin } from "./upstream-redirect.ts";
import { errorIn, pageInstead, refusalOf } from "./upstream-refusal.ts";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";
import { firstAnswer, isPage, isStream, messagesIn, readBody, readEvents, readSmallBody } from "./upstream-response.ts";
import { POST_HEADERS } from "./upstream-session.ts";
import { LISTEN } from "./versions.ts";

/** Milliseconds for the upstream to say whether it still speaks this era. */
const QUESTION_TIME = 5_000;

/** After it has said that it does, doubts are ignored for this many milliseconds. */
const TRUSTED_FOR = 5_000;

/** Pages of the tools that are read to learn which parameters stand in headers. */
const MOST_PAGES = 100;

let opened = 0;

/** Nothing is sent before the first message. */
export function openModernUpstream(upstream: HttpUpstream, log: Logger, events: LinkEvents): Link {
  return new ModernLink(upstream, log, events);
}

class ModernLink implements Link {
  readonly label: string;
  readonly hint = "Check that there is an MCP server for Streamable HTTP at its URL.";
  readonly #upstream: HttpUpstream;
  #url: URL;
  readonly #events: LinkEvents;
  readonly #outbox: Outbox;
  /** Learns from every list that passes which parameters are repeated in headers. */
  readonly #tools = new Tools();
  /** Requests that were refused by a server that may be of another era now. */
  readonly #refused = new Set<Delivery>();
  /** Calls that have been sent again. */
  readonly #sentAgain = new WeakSet<Delivery>();
  #asking: Promise<boolean> | undefined;
  #trustedUntil = 0;

  constructor(upstream: HttpUpstream, log: Logger, events: LinkEvents) {
    this.#upstream = upstream;
    this.#url = new URL(upstream.url);
    this.#events = events;
    this.label = `${upstream.service}[modern upstream ${++opened}]`;
    const deliver = (delivery: Delivery) => this.#post(delivery);
    this.#outbox = new Outbox({ ...upstream, label: this.label, deliver, closingCancels: true }, events, log);
  }

  /** A response is not sent: servers of this era request nothing. */
  send(text: string): void {
    if (readMessage(text)?.kind !== "response") this.#outbox.send(text);
  }

  async close(): Promise<void> {
    this.#outbox.close();
  }

  async #post(delivery: Delivery): Promise<void> {
    const { message, abort } = delivery;
    const headers = this.#headersOf(message);
    const response = await this.#request({ method: "POST", headers, body: message.text, signal: abort.signal });
    if (response.status >= 300) await this.#notTaken(delivery, response);
    else if (message.kind !== "request") void readSmallBody(response);
    else if (isStream(response)) await this.#follow(delivery, response);
    else await this.#readAnswer(delivery, response);
  }

  #headersOf(message: Message): Record<string, string> {
    return { ...POST_HEADERS, ...metadataHeaders(message, (tool) => this.#tools.headersOf(tool)) };
  }

  async #readAnswer(delivery: Delivery, response: UpstreamResponse): Promise<void> {
    const { service } = this.#upstream;
    if (delivery.message.method === DISCOVER && isPage(response)) {
      void readSmallBody(response);
      throw pageInstead(this.#upstream);
    }
    for (const text of messagesIn(await readBody(response, this.#upstream))) this.#receive(delivery, text);
    if (this.#outbox.waitsFor(delivery)) throw new GatewayError("bad-answer", { service });
  }

  /** Reads the stream that answers a request. Where it breaks off it cannot be resumed. */
  async #follow(delivery: Delivery, response: UpstreamResponse): Promise<void> {
    const { method, id } = delivery.message;
    const onEvent = ({ data }: { readonly data: string }) => {
      for (const text of messagesIn(data)) this.#receive(delivery, text);
    };
    const ended = await readEvents(response, this.#upstream, { onEvent }).catch((error: Error) => error);
    if (!this.#outbox.waitsFor(delivery)) return;
    if (method !== LISTEN) throw ended ?? new Error("its stream ended without an answer");
    this.#outbox.receive(endOfSubscription(id as string)); // whoever subscribed may do so again
  }

  #receive({ message }: Delivery, text: string): void {
    if (message.method === "tools/list") this.#tools.learnFrom(text);
    this.#outbox.receive(text, message.id);
  }

  /** The upstream answered with an error. */
  async #notTaken(delivery: Delivery, response: UpstreamResponse): Promise<void> {
    const { service, url, headers: sent } = this.#upstream;
    const { id, method } = delivery.message;
    const { status } = response;
    const said = await readSmallBody(response);
    const error = errorIn(said);
    if (isHeaderMismatch(error) && (await this.#knowsBetter(delivery))) return this.#post(delivery);
    const isDoubtful = leavesDoubt(status, error);
    if (isDoubtful && method !== DISCOVER && !(await this.#hasStayed(delivery))) return this.#ended();
    if (error !== undefined) return this.#outbox.receive(`{"jsonrpc":"2.0","id":${id},"error":${error}}`);
    if (status >= 500) throw new GatewayError("upstream-broke", { service, reason: `HTTP ${status}` });
    if (isDoubtful && method === DISCOVER) throw new GatewayError("discover-refused", { reason: `HTTP ${status}` });
    throw refusalOf({ service, url, method, sent, response });
  }

  /**
   * A tool may have other parameters in headers than it was listed with, or may not have been listed. A call that is refused
   * for that has not run, so it is sent once more (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters").
   * @returns whether its headers are others now
   */
  async #knowsBetter(delivery: Delivery): Promise<boolean> {
    const { message, abort } = delivery;
    if (message.method !== "tools/call" || this.#sentAgain.has(delivery)) return false;
    this.#sentAgain.add(delivery);
    const before = encode(this.#headersOf(message));
    await this.#listTools(abort.signal).catch(() => {}); // then its caller is told of the refusal
    return encode(this.#headersOf(message)) !== before;
  }

  async #listTools(signal: AbortSignal): Promise<void> {
    let cursor: unknown;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const response = await this.#ask("tools/list", cursor === undefined ? {} : { cursor }, signal);
      const answer = response.status < 300 ? await firstAnswer(response, this.#upstream) : undefined;
      const result = answer === undefined ? -1 : readMessage(answer)!.result;
      if (answer === undefined || result < 0) return;
      this.#tools.learnFrom(answer);
      cursor = stringIn(answer, result, "nextCursor");
      if (cursor === undefined) return;
    }
  }

  /** Sends a request of the gateway's own. */
  #ask(method: string, params: object, signal: AbortSignal): Promise<UpstreamResponse> {
    const body = request(`"${Math.random()}"`, method, { ...params, _meta: OWN_META });
    const headers = { ...POST_HEADERS, ...metadataHeaders(readMessage(body) as Message, () => []) };
    return this.#request({ method: "POST", headers, body, signal });
  }

  /** Whether the upstream still speaks this era, although it refused a request. */
  async #hasStayed(delivery: Delivery): Promise<boolean> {
    this.#refused.add(delivery);
    const isModern = await this.#isModern();
    if (isModern) this.#refused.delete(delivery);
    return isModern;
  }

  /** Asks the upstream whether it speaks this era. Where it does not say, nothing has changed. */
  #isModern(): Promise<boolean> {
    if (performance.now() < this.#trustedUntil) return Promise.resolve(true);
    this.#asking ??= this.#discover()
      .catch(() => true)
      .finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #discover(): Promise<boolean> {
    const response = await this.#ask(DISCOVER, {}, AbortSignal.timeout(QUESTION_TIME));
    const answer =
      response.status < 300
        ? await firstAnswer(response)
        : `{"error":${errorIn(await readSmallBody(response)) ?? "{}"}}`;
    const isModern = response.status >= 500 || isModernAnswer(answer);
    if (isModern) this.#trustedUntil = performance.now() + TRUSTED_FOR;
    return isModern;
  }

  /** It has come back as a server of another era. What that refused has not run. */
  #ended(): void {
    if (this.#outbox.closed) return;
    const notRun = this.#outbox.notRun(this.#refused);
    this.#outbox.close();
    this.#events.closed({ reason: "it no longer serves MCP 2026-07-28", lastStderr: "", notRun });
  }

  async #request(sent: UpstreamRequest): Promise<UpstreamResponse> {
    const headers = { ...this.#upstream.headers, ...sent.headers };
    const { response, url } = await exchangeWithin(this.#url, { ...sent, headers }, this.#upstream);
    this.#url = url;
    return response;
  }
}
