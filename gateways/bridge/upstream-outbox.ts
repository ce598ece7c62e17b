/**
 * What is on its way to an upstream: the handshake goes in order, what follows it side by side, and every request gets one
 * answer, if need be an error that says whether it may have run. Knows nothing of HTTP.
 */
import { GatewayError } from "../errors.ts";
import { errorAnswer, readMessage, written, type Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import type { LinkEvents } from "./link.ts";
import { NotSent, reasonOf } from "./upstream-request.ts";

/** One message on its way. */
export interface Delivery {
  readonly message: Message;
  /** Ends it. */
  readonly abort: AbortController;
  /** Whether it has been begun: what has not cannot have run. */
  begun: boolean;
  /** Resolves when it has been taken: a request when it is answered. Never rejects. */
  readonly taken: PromiseWithResolvers<void>;
  timer: NodeJS.Timeout | undefined;
}

export interface OutboxOptions {
  readonly service: string;
  /** What the link is called in the log. */
  readonly label: string;
  /** Takes one message to the upstream. Resolves when nothing more comes of it; what it throws is the request's answer. */
  readonly deliver: (delivery: Delivery) => Promise<void>;
}

/** What comes after these waits until they have been taken (MCP 2025-11-25, Lifecycle, "Initialization"). */
const HANDSHAKE: ReadonlySet<string> = new Set(["initialize", "notifications/initialized"]);

/** Milliseconds that an upstream may take for what it need only take, not answer. */
const TAKE_TIME = 30_000;

/** Milliseconds that an upstream may leave the response open that has brought the answer. */
const LINGER_TIME = 5_000;

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

  send(text: string): void {
    const message = readMessage(text);
    if (this.#closed || message === undefined) return; // its callers are told by `closed`
    if (message.method === "notifications/cancelled") this.#cancel(message);
    else void this.#dispatch(message);
  }

  /** Passes on what the upstream says. An answer that nobody waits for any longer is dropped. */
  receive(text: string): void {
    if (this.#closed) return;
    const message = readMessage(text);
    if (message?.kind === "response" && !this.#answered(message)) return;
    this.#emit(text);
  }

  /** Whether a request is still to be answered. */
  waitsFor(delivery: Delivery): boolean {
    const { id, kind } = delivery.message;
    return kind === "request" && this.#unanswered.get(keyOf(id as string)) === delivery;
  }

  /** Answers a request with an error, unless it has been answered. */
  fail(delivery: Delivery, error: GatewayError): void {
    const { message } = delivery;
    if (this.waitsFor(delivery) && this.#answered(message))
      this.#emit(errorAnswer(message.id, error.code, error.message));
  }

  /** Answers what has not been begun: of that it is sure that it has not run. */
  failWaiting(error: GatewayError): void {
    for (const delivery of this.#open) if (!delivery.begun) this.fail(delivery, error);
  }

  /** Ends all that is on its way. Nothing is answered any longer. */
  close(): void {
    this.#closed = true;
    this.#unanswered.clear();
    for (const { abort } of this.#open) abort.abort();
  }

  async #dispatch(message: Message): Promise<void> {
    const taken = Promise.withResolvers<void>();
    const delivery: Delivery = { message, abort: new AbortController(), begun: false, taken, timer: undefined };
    const before = this.#handshake;
    if (HANDSHAKE.has(message.method)) this.#handshake = taken.promise;
    if (message.kind === "request") this.#unanswered.set(keyOf(message.id as string), delivery);
    this.#open.add(delivery);
    await before;
    await this.#deliver(delivery);
    clearTimeout(delivery.timer);
    this.#open.delete(delivery);
    taken.resolve();
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { message, abort } = delivery;
    if (abort.signal.aborted) return;
    delivery.begun = true;
    if (message.kind !== "request") delivery.timer = setTimeout(() => abort.abort(), TAKE_TIME);
    try {
      await this.#options.deliver(delivery);
    } catch (error) {
      this.#failed(delivery, error);
    }
  }

  /** The upstream is told first: the end of a POST says nothing (MCP 2025-11-25, Transports, "Sending Messages to the Server"). */
  #cancel(message: Message): void {
    const id = written(message.text, message.params, "requestId");
    const delivery = id === undefined ? undefined : this.#unanswered.get(keyOf(id));
    if (!delivery) return void this.#dispatch(message);
    this.#unanswered.delete(keyOf(delivery.message.id as string));
    delivery.taken.resolve();
    const untold = !delivery.begun || delivery.message.method === "initialize"; // which must not be cancelled
    if (untold) delivery.abort.abort();
    else void this.#dispatch(message).then(() => delivery.abort.abort());
  }

  /** @returns whether somebody waited for it */
  #answered({ id }: Message): boolean {
    const key = keyOf(id as string);
    const delivery = this.#unanswered.get(key);
    if (!delivery) return false;
    this.#unanswered.delete(key);
    delivery.taken.resolve();
    if (this.#open.has(delivery)) delivery.timer = setTimeout(() => delivery.abort.abort(), LINGER_TIME);
    return true;
  }

  #failed(delivery: Delivery, error: unknown): void {
    const { message, abort } = delivery;
    if (this.#closed || (message.kind === "request" && !this.waitsFor(delivery))) return;
    const { service, label } = this.#options;
    const reason = abort.signal.aborted ? "it took too long" : reasonOf(error);
    this.#log.warn({ child: label, method: message.method, reason }, "upstream failed");
    this.fail(delivery, refusalFor(error, service));
  }

  #emit(text: string): void {
    try {
      this.#events.message(text);
    } catch (err) {
      this.#log.error({ child: this.#options.label, err }, "a message of the upstream's was not taken");
    }
  }
}

/** What a failed delivery is to its caller: only what surely was not sent cannot have run. */
function refusalFor(error: unknown, service: string): GatewayError {
  if (error instanceof GatewayError) return error;
  const reason = reasonOf(error);
  if (error instanceof NotSent) return new GatewayError("upstream-unreachable", { service, reason });
  return new GatewayError("upstream-broke", { service, reason });
}

/** The same for `7` and `7.0`, which some servers make of it. */
const keyOf = (id: string) => (Number.isNaN(Number(id)) ? id : Number(id));
