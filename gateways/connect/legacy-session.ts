/**
 * The session of a legacy client. When the server loses it, the next one is opened and set up in the same way, and the client
 * need not know. Ids pass as they are: the session has one client.
 */
import { randomUUID } from "node:crypto";
import type { Link, LinkClosed, LinkEvents } from "../bridge/link.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { idKey, readMessage, written, type Message } from "../jsonrpc.ts";
import { Questions } from "./questions.ts";
import { isSound, readServerMessage } from "./server-message.ts";
import { SessionMemory } from "./session-memory.ts";
import { Unanswered, type Client } from "./unanswered.ts";

/** How a session is spoken: Streamable HTTP, or HTTP with SSE (2024-11-05). */
export type Transport = "http" | "sse";

/** Where the session is opened. */
export interface SessionOptions {
  readonly service: string;
  readonly open: (transport: Transport, events: LinkEvents) => Link;
  /** Milliseconds for which opening it is tried again. */
  readonly patience: number;
}

/** Milliseconds between two tries to open a session. */
const PAUSE = 1_000;

/** Milliseconds that a session has to last so that the next one is opened before the client needs it. */
const LASTING = 10_000;

/** Answers to a POST that do not mean that the older transport is spoken there. */
const ABOUT_OTHER_THINGS: ReadonlySet<number> = new Set([401, 402, 403, 407, 408, 429]);

export class LegacySession {
  readonly #options: SessionOptions;
  readonly #client: Client;
  readonly #memory = new SessionMemory();
  readonly #unanswered: Unanswered;
  /** Requests that have been sent again in a second session. They are not sent in a third. */
  readonly #repeated = new WeakSet<Message>();
  readonly #questions = new Questions();
  /** The ids of our own requests. */
  readonly #own = new Set<string | number>();
  /** That of the `initialize` that opens the session again. */
  #reopening: string | number | undefined;
  #link: Link | undefined;
  #transport: Transport = "http";
  #openedAt = 0;
  /** Since when opening a session fails. */
  #failingSince: number | undefined;
  #nextTry: NodeJS.Timeout | undefined;
  /** What the client is told if the older transport is not spoken there either. */
  #refusal: (() => void) | undefined;

  constructor(options: SessionOptions, client: Client) {
    this.#options = options;
    this.#client = client;
    this.#unanswered = new Unanswered(client, ({ code }) => code);
  }

  /** The client's requests that have no answer yet. */
  get unanswered(): readonly Message[] {
    return this.#unanswered.all;
  }

  /** Sends a message of the client. */
  send(message: Message): void {
    const { kind, method } = message;
    if (kind === "response" && !this.#questions.take(message)) return; // a session that has ended has asked
    if (kind === "request") this.#unanswered.add(message);
    if (method === "notifications/cancelled") this.#cancelled(message);
    if (this.#nextTry) return; // which sends what waits then
    const link = this.#link ?? this.#connect(this.#memory.isEstablished && method !== "initialize");
    this.#sendOn(link, message);
  }

  async close(): Promise<void> {
    clearTimeout(this.#nextTry);
    const link = this.#link;
    this.#link = undefined;
    await link?.close();
  }

  #cancelled({ text, params }: Message): void {
    const id = written(text, params, "requestId");
    if (id !== undefined) this.#unanswered.drop(id);
  }

  #sendOn(link: Link, message: Message): void {
    try {
      link.send(message.text);
    } catch (error) {
      if (message.kind === "request") this.#unanswered.fail(message, toGatewayError(error));
    }
  }

  /** @param again whether the client takes the session for open */
  #connect(again: boolean): Link {
    const isCurrent = () => this.#link === link;
    const link = this.#options.open(this.#transport, {
      message: (text) => isCurrent() && this.#received(text),
      failed: (id, error) => isCurrent() && this.#failed(id, error),
      closed: (closed) => isCurrent() && this.#ended(closed),
    });
    this.#link = link;
    this.#openedAt = performance.now();
    if (again) this.#setUp(link);
    return link;
  }

  /** Opens the session as the client opened it. What is sent on the link after this waits until it is open. */
  #setUp(link: Link): void {
    const messages = this.#memory.replay(() => {
      const id = `"${randomUUID()}"`;
      this.#own.add(idKey(id));
      this.#reopening ??= idKey(id);
      return id;
    });
    for (const text of messages) link.send(text);
  }

  #received(text: string): void {
    const message = readServerMessage(text);
    if (message === undefined) return;
    if (message.kind === "response") return this.#answered(message);
    if (!isSound(message)) return;
    const refusal = message.kind === "request" ? this.#questions.ask(message) : undefined;
    if (refusal === undefined) this.#client.send(message.text);
    else this.#link?.send(refusal);
  }

  #answered(answer: Message): void {
    const key = idKey(answer.id as string);
    if (this.#own.delete(key)) return key === this.#reopening ? this.#reopened(answer) : undefined;
    const request = this.#unanswered.get(answer.id as string);
    if (request === undefined) return;
    if (!isSound(answer)) return this.#unanswered.fail(request, this.#error("bad-answer"));
    if (request.method === "initialize" && answer.error >= 0 && this.#mayBeOlder())
      return this.#tryOlder(request, () => this.#unanswered.answer(request, answer));
    if (answer.error < 0) this.#memory.note(request);
    if (request.method === "initialize" && answer.error < 0) this.#opened(answer);
    this.#unanswered.answer(request, answer);
  }

  #failed(id: string, error: GatewayError): void {
    const key = idKey(id);
    if (this.#own.delete(key)) return key === this.#reopening ? this.#notOpened(error) : undefined;
    const request = this.#unanswered.get(id);
    if (request?.method !== "initialize") return request && this.#unanswered.fail(request, error);
    if (this.#mayBeOlder()) return this.#tryOlder(request, () => this.#unanswered.fail(request, error));
    this.#notOpened(error);
  }

  #opened(answer: Message): void {
    this.#refusal = undefined;
    this.#failingSince = undefined;
    this.#memory.opened(answer);
  }

  /** Whether a refused `initialize` may mean the older transport (MCP 2025-11-25, Transports, "Backwards Compatibility"). */
  #mayBeOlder(): boolean {
    const status = this.#link?.refusedWith ?? 0;
    return !this.#memory.isEstablished && status >= 400 && status < 500 && !ABOUT_OTHER_THINGS.has(status);
  }

  #tryOlder(initialize: Message, refusal: () => void): void {
    void this.#link?.close();
    this.#transport = "sse";
    this.#refusal = refusal;
    this.#sendOn(this.#connect(false), initialize);
  }

  #isNotOlder(refusal: () => void): void {
    this.#transport = "http";
    this.#refusal = undefined;
    refusal();
  }

  #reopened(answer: Message): void {
    if (answer.error >= 0) return this.#notOpened(this.#error("upstream-session-ended"));
    this.#reopening = undefined;
    this.#failingSince = undefined;
    this.#client.tell(`${this.#options.service}: the session is open again`);
    for (const text of this.#memory.changes()) this.#client.send(text);
  }

  /**
   * The session could not be opened, so nothing of what waits for it has been sent. Opening it twice does no harm, so it is
   * tried for a while, unless the error says that waiting does not help. After that the next message of the client tries again.
   */
  #notOpened(error: GatewayError): void {
    void this.#link?.close();
    this.#link = undefined;
    this.#own.clear();
    this.#reopening = undefined;
    const isFirst = this.#failingSince === undefined;
    this.#failingSince ??= performance.now();
    const { patience } = this.#options;
    if (!mayPass(error) || performance.now() - this.#failingSince >= patience) return this.#givenUp(error);
    const why = error.operator ?? error.message;
    if (isFirst) this.#client.tell(`cannot open a session, trying again for ${patience / 1_000} s. ${why}`);
    this.#nextTry = setTimeout(() => this.#tryAgain(), PAUSE);
  }

  #tryAgain(): void {
    this.#nextTry = undefined;
    const link = this.#connect(this.#memory.isEstablished);
    for (const request of this.#unanswered.all) this.#sendOn(link, request);
  }

  #givenUp(error: GatewayError): void {
    this.#failingSince = undefined;
    for (const request of this.#unanswered.all) {
      const isUnclear = error.name === "upstream-broke" && request.method !== "initialize";
      this.#unanswered.fail(request, isUnclear ? this.#error("upstream-session-ended") : error);
    }
  }

  /** The session, or the stream that it is, has ended. What has surely not run is sent in the next one, once. */
  #ended(closed: LinkClosed): void {
    this.#link = undefined;
    if (this.#refusal) return this.#isNotOlder(this.#refusal);
    const died = this.#error("upstream-broke", closed.reason);
    if (this.#reopening !== undefined) return this.#notOpened(died);
    for (const text of this.#questions.withdrawn()) this.#client.send(text);
    const unrun = this.#failAllBut(new Set((closed.notRun ?? []).map(keyIn)), died);
    const isLasting = performance.now() - this.#openedAt > LASTING;
    if (!this.#memory.isEstablished || (unrun.length === 0 && !isLasting)) return;
    this.#client.tell(`${this.#options.service}: ${closed.reason}; opening a new one`);
    const link = this.#connect(true);
    for (const request of unrun) this.#sendOn(link, request);
  }

  /** @returns the requests that are to be sent again */
  #failAllBut(unrun: ReadonlySet<unknown>, died: GatewayError): Message[] {
    return this.#unanswered.all.filter((request) => {
      const mayHaveRun = !unrun.has(idKey(request.id as string));
      if (!mayHaveRun && !this.#repeated.has(request)) return this.#repeated.add(request);
      this.#unanswered.fail(request, mayHaveRun ? died : this.#error("upstream-session-ended"));
      return false;
    });
  }

  #error(name: "bad-answer" | "upstream-broke" | "upstream-session-ended", reason?: string): GatewayError {
    return new GatewayError(name, { service: this.#options.service, reason });
  }
}

const keyIn = (text: string) => idKey(readMessage(text)?.id ?? "");

/** Whether an attempt to open a session may fail today and not in a moment, as while the server is being deployed. */
const mayPass = ({ name }: GatewayError) => name === "upstream-broke" || name === "upstream-session-ended";
