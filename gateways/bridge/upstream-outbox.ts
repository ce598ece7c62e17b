/**
 * The messages on their way to an upstream. The handshake goes in order, later messages side by side, and every request
 * gets exactly one answer, if need be an error that says whether it may have run.
 */
import { type Deferred, deferred } from "../deferred.ts";
import { GatewayError } from "../errors.ts";
import { idKey, readMessage, written, type Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import type { Share } from "../memory-budget.ts";
import { causeOf, toldOf } from "./causes.ts";
import type { LinkEvents } from "./link.ts";
import { saysModern } from "./modern-headers.ts";
import { NotSent, reasonOf } from "./upstream-request.ts";

/** One message on its way. */
export interface Delivery {
  readonly message: Message;
  /** Whether it says that it is of the modern era. */
  readonly modern: boolean;
  /** Ends the delivery. */
  readonly abort: AbortController;
  /** Whether sending has begun: a call that was never sent has not run. */
  begun: boolean;
  /** Resolves when the upstream has accepted the message, or, for a request, answered it. Never rejects. */
  readonly accepted: Deferred<void>;
  timer: NodeJS.Timeout | undefined;
}

/** Where an outbox delivers to. */
export interface OutboxOptions {
  readonly service: string;
  readonly url: string;
  /** The link's name in the log. */
  readonly label: string;
  /** Where messages are counted until they have been delivered. */
  readonly memory: Share;
  /** Sends one message to the upstream. Resolves when its response has ended; an error that it throws becomes the answer. */
  readonly deliver: (delivery: Delivery) => Promise<void>;
  /** Whether a call is cancelled by closing its response, and not by a message. @default false */
  readonly closingCancels?: boolean;
}

/** Later messages wait until these have been accepted (MCP 2025-11-25, Lifecycle, "Initialization"). */
const HANDSHAKE: ReadonlySet<string> = new Set(["initialize", "notifications/initialized"]);

/** Whoever starts the server logs why these failed. */
const START: ReadonlySet<string> = new Set([...HANDSHAKE, "server/discover"]);

/** Milliseconds for an upstream to accept a message that needs no answer. */
const ACCEPT_TIMEOUT = 30_000;

/** Milliseconds that an upstream may keep a response open after the answer. */
const LINGER_TIME = 5_000;

/** The outgoing messages of one upstream connection, and the requests that it has yet to answer. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #events: LinkEvents;
  readonly #log: Logger;
  readonly #open = new Set<Delivery>();
  readonly #unanswered = new Map<string | number, Delivery>();
  #handshake: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: OutboxOptions, events: LinkEvents, log: Logger) {
    this.#options = options;
    this.#events = events;
    this.#log = log;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws GatewayError `memory-exhausted` */
  send(text: string): void {
    const message = readMessage(text);
    if (this.#closed || message === undefined) return; // `closed` answers its callers
    if (message.method === "notifications/cancelled") this.#cancel(message);
    else this.#dispatchHeld(message);
  }

  /**
   * Passes on a message from the upstream. An answer that nobody waits for any more is dropped.
   * @param of the id of the request on whose response it came, where that means something
   */
  receive(text: string, of?: string): void {
    if (this.#closed) return;
    const message = readMessage(text);
    if (message?.kind === "response" && !this.#answered(message)) return;
    this.#emit(text, of);
  }

  /** Whether a request is still unanswered. */
  waitsFor(delivery: Delivery): boolean {
    const { id, kind } = delivery.message;
    return kind === "request" && this.#unanswered.get(idKey(id as string)) === delivery;
  }

  /** Answers a request with an error, unless it has an answer. */
  fail(delivery: Delivery, error: GatewayError): void {
    const { message } = delivery;
    if (this.waitsFor(delivery) && this.#answered(message)) this.#events.failed(message.id as string, error);
  }

  /** The unanswered requests that have surely not run: those that were refused, and those that have not been sent. */
  notRun(refused: ReadonlySet<Delivery>): string[] {
    const unanswered = [...this.#unanswered.values()];
    return unanswered.flatMap((one) => (refused.has(one) || !one.begun ? [one.message.text] : []));
  }

  /** Whether a request that has been sent has neither been answered nor refused. */
  hasOthers(refused: ReadonlySet<Delivery>): boolean {
    return [...this.#unanswered.values()].some((one) => one.begun && !refused.has(one));
  }

  /** Ends all deliveries. Nothing is answered after this. */
  close(): void {
    this.#closed = true;
    this.#unanswered.clear();
    for (const { abort } of this.#open) abort.abort();
  }

  #dispatchHeld(message: Message): void {
    const held = this.#options.memory.hold(message.text.length);
    void this.#dispatch(message).finally(() => held.end());
  }

  async #dispatch(message: Message): Promise<void> {
    const accepted = deferred<void>();
    const modern = saysModern(message);
    const delivery: Delivery = {
      message,
      modern,
      abort: new AbortController(),
      begun: false,
      accepted,
      timer: undefined,
    };
    const before = this.#handshake;
    if (HANDSHAKE.has(message.method)) this.#handshake = accepted.promise;
    if (message.kind === "request") this.#unanswered.set(idKey(message.id as string), delivery);
    this.#open.add(delivery);
    await before;
    await this.#deliver(delivery);
    clearTimeout(delivery.timer);
    this.#open.delete(delivery);
    accepted.resolve();
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { message, abort } = delivery;
    if (abort.signal.aborted) return;
    delivery.begun = true;
    if (message.kind !== "request") delivery.timer = setTimeout(() => abort.abort(), ACCEPT_TIMEOUT);
    try {
      await this.#options.deliver(delivery);
    } catch (error) {
      this.#failed(delivery, error);
    }
  }

  /**
   * Tells a legacy upstream first: closing a POST does not cancel it (MCP 2025-11-25, "Sending Messages to the Server"). A
   * modern one is told by that alone (MCP 2026-07-28, Cancellation).
   */
  #cancel(message: Message): void {
    const id = written(message.text, message.params, "requestId");
    const delivery = id === undefined ? undefined : this.#unanswered.get(idKey(id));
    const { closingCancels = false } = this.#options;
    if (!delivery) return closingCancels ? undefined : void this.#dispatch(message);
    this.#unanswered.delete(idKey(delivery.message.id as string));
    delivery.accepted.resolve();
    const closes = closingCancels || delivery.modern;
    const silently = closes || !delivery.begun || delivery.message.method === "initialize"; // which must not be cancelled
    if (silently) delivery.abort.abort();
    else void this.#dispatch(message).then(() => delivery.abort.abort());
  }

  /** @returns whether its request was still unanswered */
  #answered({ id }: Message): boolean {
    const key = idKey(id as string);
    const delivery = this.#unanswered.get(key);
    if (!delivery) return false;
    this.#unanswered.delete(key);
    delivery.accepted.resolve();
    if (this.#open.has(delivery)) delivery.timer = setTimeout(() => delivery.abort.abort(), LINGER_TIME);
    return true;
  }

  #failed(delivery: Delivery, error: unknown): void {
    const { message, abort } = delivery;
    if (this.#closed || (message.kind === "request" && !this.waitsFor(delivery))) return;
    const { label } = this.#options;
    const reason = abort.signal.aborted ? "it took too long" : reasonOf(error);
    const level = START.has(message.method) ? "debug" : "warn";
    this.#log[level]({ child: label, method: message.method, reason }, "upstream failed");
    this.fail(delivery, refusalFor(error, this.#options));
  }

  #emit(text: string, of: string | undefined): void {
    try {
      this.#events.message(text, undefined, of);
    } catch (err) {
      this.#log.error({ child: this.#options.label, err }, "a message from the upstream could not be handled");
    }
  }
}

/** The error for a failed delivery: it may have run, unless it is certain that nothing was sent. */
function refusalFor(error: unknown, { service, url }: OutboxOptions): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = reasonOf(error);
  const { what: reason, remedy } = causeOf(code);
  if (error instanceof NotSent) {
    const operator = toldOf("Cannot connect to", url, code);
    return new GatewayError("upstream-unreachable", { service, reason, remedy }, { operator });
  }
  return new GatewayError("upstream-broke", { service, reason }, { operator: toldOf("No answer from", url, code) });
}
