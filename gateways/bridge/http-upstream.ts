/** A connection to an MCP server that speaks Streamable HTTP, with the gateway as its client. */
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../errors.ts";
import { idNumber, readMessage, stringIn } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import type { Share } from "../memory-budget.ts";
import type { Link, LinkEvents } from "./link.ts";
import { isModernRefusal } from "./modern-refusal.ts";
import { refusedUnrun } from "./session-loss.ts";
import { ModernHeaders } from "./modern-headers.ts";
import { Outbox, type Delivery } from "./upstream-outbox.ts";
import type { Patience } from "./upstream-patience.ts";
import { exchangeWithin } from "./upstream-redirect.ts";
import { reasonOf, type UpstreamRequest, type UpstreamResponse } from "./upstream-request.ts";
import { errorIn, pageInstead, refusalOf, type Remedies } from "./upstream-refusal.ts";
import { isPage, isStream, messagesIn, readBody, readSmallBody } from "./upstream-response.ts";
import { POST_HEADERS, raisesDoubt, UpstreamSession } from "./upstream-session.ts";
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
  /** What to do about a refusal. @default - what the operator of a gateway does */
  readonly remedies?: Remedies;
  /** How long requests are tried while there is no connection. @default - once */
  readonly patience?: Patience;
}

let opened = 0;

/** Opens a session at an upstream. Nothing is sent before the first message. */
export function openHttpUpstream(upstream: HttpUpstream, log: Logger, events: LinkEvents): Link {
  return new HttpLink(upstream, log, events);
}

/** How often in a row a call's stream is resumed without getting an event. */
const MAX_EMPTY_READS = 5;

/** Milliseconds in which other calls of a lost session may be refused too: those that are have surely not run. */
const REFUSALS_TIME = 2_000;

/** Milliseconds for the DELETE that ends a session. If it does not arrive, the upstream's own idle timeout ends it. */
const DELETE_TIMEOUT = 2_000;

/** The upstream refuses a stream for good. */
class NoStream extends Error {
  readonly status: number;
  readonly said: string;

  constructor(status: number, said: string) {
    super(`its stream cannot be resumed (HTTP ${status})`);
    this.status = status;
    this.said = said;
  }
}

class HttpLink implements Link {
  readonly label: string;
  readonly #upstream: HttpUpstream;
  #url: URL;
  readonly #log: Logger;
  readonly #events: LinkEvents;
  readonly #outbox: Outbox;
  /** Ends the session's own stream. */
  readonly #abort = new AbortController();
  readonly #session: UpstreamSession;
  readonly #modern = new ModernHeaders();
  /** Requests that the upstream refused because it may have lost the session. */
  readonly #refused = new Set<Delivery>();
  /** Answers that may mean that it has. */
  readonly #doubted = new WeakMap<Delivery, Promise<void>>();

  constructor(upstream: HttpUpstream, log: Logger, events: LinkEvents) {
    this.#upstream = upstream;
    this.#url = new URL(upstream.url);
    this.#log = log;
    this.#events = events;
    this.label = `${upstream.service}[upstream ${++opened}]`;
    this.#session = new UpstreamSession((request, session) => this.#request(request, session));
    const deliver = (delivery: Delivery) => this.#post(delivery);
    this.#outbox = new Outbox({ ...upstream, label: this.label, deliver }, events, log);
  }

  readonly hint = "Check that there is an MCP server for Streamable HTTP at its URL.";
  refusedWith: number | undefined;

  send(text: string): void {
    this.#outbox.send(text);
  }

  async close(): Promise<void> {
    if (this.#outbox.closed) return;
    this.#end();
    if (this.#session.id === undefined) return;
    const ended = this.#request({ method: "DELETE", headers: {}, signal: AbortSignal.timeout(DELETE_TIMEOUT) });
    await ended.then(readSmallBody).catch(() => {});
  }

  async #post(delivery: Delivery): Promise<void> {
    try {
      await this.#exchange(delivery);
    } catch (error) {
      if (!delivery.abort.signal.aborted && !(error instanceof GatewayError)) this.#doubt();
      throw error;
    }
  }

  async #exchange(delivery: Delivery): Promise<void> {
    const { message, modern, abort } = delivery;
    if (message.method === "initialize") this.#session.begins(message.text);
    const headers = modern ? { ...POST_HEADERS, ...this.#modern.of(message) } : POST_HEADERS;
    const request = { method: "POST", headers, body: message.text, signal: abort.signal } as const;
    const response = await this.#request(request, modern ? {} : this.#session.headers);
    if (response.status >= 300) return this.#notTaken(delivery, response);
    if (message.method === "initialize") this.#session.accepted(response);
    if (message.kind !== "request") void readSmallBody(response);
    else if (isStream(response)) await this.#follow(delivery, response);
    else await this.#readAnswer(delivery, response);
    if (message.method === "notifications/initialized") void this.#listen();
  }

  async #readAnswer(delivery: Delivery, response: UpstreamResponse): Promise<void> {
    const { service } = this.#upstream;
    if (isPage(response)) {
      void readSmallBody(response);
      if (delivery.message.method === "initialize") throw pageInstead(this.#upstream);
      throw new GatewayError("upstream-broke", { service, reason: "its answer is a web page" });
    }
    for (const text of messagesIn(await readBody(response, this.#upstream))) this.#receive(delivery, text);
    await this.#doubted.get(delivery);
    if (this.#outbox.waitsFor(delivery)) throw new GatewayError("bad-answer", { service });
  }

  /** Reads the stream that answers a request, and resumes it when it breaks off; in the modern era none can be. */
  async #follow(delivery: Delivery, response: UpstreamResponse): Promise<void> {
    const { signal } = delivery.abort;
    const stream = new UpstreamStream(this.#upstream, (text) => this.#receive(delivery, text));
    const isResumable = () => stream.resumable && !delivery.modern;
    let ended = await reasonForEnd(stream.read(response));
    await this.#doubted.get(delivery);
    while (this.#outbox.waitsFor(delivery)) {
      if (!isResumable() || ended instanceof NoStream || (ended && stream.emptyReads >= MAX_EMPTY_READS))
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
      if (ended instanceof NoStream) {
        if (stream.opened && (await this.#session.isLost(ended.status, ended.said)))
          await this.#sessionEnded(ended.status);
        return;
      }
      await stream.pause(signal).catch(() => {});
    }
  }

  /** Opens a stream, where it broke off or anew, and reads it to its end. @throws NoStream */
  async #resume(stream: UpstreamStream, signal: AbortSignal): Promise<void> {
    const response = await this.#request({ method: "GET", headers: stream.headers, signal });
    if (response.status < 300 && isStream(response)) return stream.read(response);
    const said = await readSmallBody(response);
    // These are temporary (RFC 9110, section 15; RFC 6585, section 4).
    if (response.status >= 500 || response.status === 408 || response.status === 429)
      throw new Error(`HTTP ${response.status}`);
    throw new NoStream(response.status, said);
  }

  /** The upstream answered a message with an error or a redirect. */
  async #notTaken(delivery: Delivery, response: UpstreamResponse): Promise<void> {
    const { service } = this.#upstream;
    const { status } = response;
    const said = await readSmallBody(response);
    const error = errorIn(said);
    const { message, modern } = delivery;
    const { method } = message;
    if (method === "initialize") this.refusedWith = status;
    if (refusedUnrun(status, said)) this.#refused.add(delivery);
    const isOfOtherEra = method !== "initialize" && !modern && isModernRefusal(error);
    if (isOfOtherEra || (await this.#session.isLost(status, said))) return this.#sessionEnded(status);
    this.#refused.delete(delivery);
    // A JSON-RPC error is passed on to the caller; of anything else only the status is.
    if (error !== undefined && !this.#explains(status))
      return this.#outbox.receive(`{"jsonrpc":"2.0","id":${delivery.message.id},"error":${error}}`);
    if (status >= 500) throw new GatewayError("upstream-broke", { service, reason: `HTTP ${status}` });
    const { headers: sent, remedies } = this.#upstream;
    if (remedies === undefined && method === "initialize" && status === 400)
      throw new GatewayError("initialize-refused", { reason: "HTTP 400" });
    throw refusalOf({ ...this.#upstream, method, sent, response, said: messageIn(error) });
  }

  /** Whether a remedy of ours is worth more than the upstream's own words: they are about us, and not about the call. */
  #explains(status: number): boolean {
    return this.#upstream.remedies !== undefined && (status === 401 || status === 403 || status === 429);
  }

  #receive(delivery: Delivery, text: string): void {
    this.#modern.learn(delivery.message, text);
    if (delivery.message.method === "initialize") this.#session.answered(text);
    else if (this.#session.id !== undefined && raisesDoubt(text) && isAnswerTo(delivery, text)) {
      return void this.#doubted.set(delivery, this.#receiveIfHeld(delivery, text));
    }
    this.#outbox.receive(text);
  }

  /** An answer that says that there is no such session is passed on if the upstream, asked again, knows the session. */
  async #receiveIfHeld(delivery: Delivery, text: string): Promise<void> {
    this.#refused.add(delivery);
    if (await this.#session.isLost(200, text)) return this.#sessionEnded(200);
    this.#refused.delete(delivery);
    this.#outbox.receive(text);
  }

  /** A connection that broke may mean that the upstream was started again, and knows the session no more. */
  #doubt(): void {
    void this.#session.ask().then((lost) => (lost ? this.#sessionEnded() : undefined));
  }

  /**
   * The upstream has lost the session. What it refused has not run, and is given back; other calls may have been refused at
   * the same moment.
   */
  async #sessionEnded(status?: number): Promise<void> {
    const deadline = performance.now() + REFUSALS_TIME;
    while (performance.now() < deadline && this.#outbox.hasOthers(this.#refused)) await sleep(20);
    if (this.#outbox.closed) return;
    const notRun = this.#outbox.notRun(this.#refused);
    this.#end();
    const how = status === undefined ? "" : ` (HTTP ${status})`;
    this.#events.closed({ reason: `its session ended${how}`, lastStderr: "", notRun });
  }

  #end(): void {
    this.#outbox.close();
    this.#abort.abort();
  }

  async #request(request: UpstreamRequest, session = this.#session.headers): Promise<UpstreamResponse> {
    const headers = { ...this.#upstream.headers, ...session, ...request.headers };
    const { response, url } = await exchangeWithin(this.#url, { ...request, headers }, this.#upstream);
    this.#url = url;
    return response;
  }
}

function isAnswerTo({ message }: Delivery, text: string): boolean {
  const answer = readMessage(text);
  return answer?.kind === "response" && idNumber(answer.id) === idNumber(message.id);
}

/** What an error says. */
const messageIn = (error: string | undefined) => (error === undefined ? undefined : stringIn(error, 0, "message"));

/** Why reading broke off, or undefined when it reached the end. */
const reasonForEnd = (reading: Promise<void>) => reading.then(() => undefined).catch((error: Error) => error);
