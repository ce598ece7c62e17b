/**
 * The gateway's end of a connection to an MCP server: it matches answers to callers. Every request goes to the server with
 * an id of the gateway's own, and its answer returns with the caller's id; progress tokens likewise. So callers never
 * collide, whatever ids they choose, and a late answer to a cancelled call reaches nobody.
 */
import { GatewayError, toGatewayError } from "../errors.ts";
import { mayHoldNonNumbers, withoutNonNumbers } from "../json/numbers.ts";
import {
  carriedBy,
  find,
  idNumber,
  notification,
  piecesWithId,
  readMessage,
  replace,
  request,
  tokenOf,
  withId,
  written,
  type Message,
  type Pieces,
  type Span,
} from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import type { Share } from "../memory-budget.ts";
import { endOfSubscription, errorWithoutId, meantFor, resultOf } from "./answers.ts";
import { randomNumber } from "./call-numbers.ts";
import { detached } from "../detached.ts";
import { Deadlines } from "./deadlines.ts";
import type { Link, LinkClosed, OpenLink } from "./link.ts";
import { SparseWarnings } from "./sparse-warnings.ts";
import { LISTEN, META } from "./versions.ts";

/** Whoever waits for the answer to a request. */
export interface Caller {
  /** Whether a call that has surely not run on one connection makes no sense on the next. @default false */
  readonly thisConnectionOnly?: boolean;
  /** Whether it can receive messages before the answer. */
  readonly streams?: boolean;
  /** Where its principal's memory is counted. @default - nowhere: the gateway itself calls */
  readonly memory?: Share | undefined;
  /**
   * The answer, with the caller's own id. Called once, after all messages.
   * @param received the server's own message, which has been read already; undefined when the gateway answers
   * @param pieces the same as `text`, if it is long
   */
  answer(text: string, received?: Message, pieces?: Pieces): void;
  /** A message of this call before its answer, such as progress with the caller's own token. */
  message(text: string): void;
  /** Why there will be no answer. Called once, instead of `answer`. */
  fail(error: GatewayError): void;
}

/** What comes from the server apart from answers. */
export interface ConnectionEvents {
  notification(message: Message): void;
  request(message: Message): void;
  /** The connection ended by itself. Every open call has already failed. */
  closed(closed: LinkClosed): void;
  /**
   * Takes a call back that has surely not run, after `closed`, to run it on another connection.
   * @returns whether that happens; else the call fails
   */
  takeBack?(call: UnrunCall): boolean;
}

/** A call that has not run because the connection ended. */
export interface UnrunCall {
  readonly message: Message;
  readonly caller: Caller;
  readonly settled: Settled;
}

/** One request on its way. */
interface OpenCall {
  readonly number: number;
  readonly caller: Caller;
  /** The caller's id and progress token, exactly as the caller wrote them. */
  readonly id: string;
  readonly token: string | undefined;
  readonly method: string;
  /** Undefined for a subscription, which may stay open for ever. */
  deadline: number | undefined;
  readonly started: number;
  readonly settled: Settled | undefined;
}

/** Called when a call is over, with the answer if it got one. */
export type Settled = (answer?: string) => void;

/** The service of a connection, and how it treats calls. */
export interface ConnectionOptions {
  readonly service: string;
  /** Milliseconds without an answer or progress before a call is cancelled. */
  readonly requestTimeout: number;
  /** Milliseconds that a server has for its first answer. @default requestTimeout */
  readonly startTimeout?: number;
  /** Whether the server is of the modern era, whose subscriptions are requests that stay open. @default false */
  readonly modern?: boolean;
  /** Called when the server says that its list of tools has changed. */
  readonly onToolsChanged?: (() => void) | undefined;
}

/** What a server is sent first, in either era. */
const FIRST_REQUESTS: ReadonlySet<string> = new Set(["initialize", "server/discover"]);

const TOOLS_CHANGED = "notifications/tools/list_changed";

/** How many timeouts a call may last if it keeps reporting progress. */
const MAX_TIMEOUTS = 12;

/** Callers whose call has been given back. */
const givenBack = new WeakSet<Caller>();

/** JSON-RPC 2.0, section 5.1. */
const METHOD_NOT_FOUND = "-32601";

/** One connection to a server, and the calls that are open on it. */
export class Connection {
  readonly #link: Link;
  readonly #log: Logger;
  readonly #warnings: SparseWarnings;
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #calls = new Map<number, OpenCall>();
  readonly #deadlines = new Deadlines<OpenCall>(
    () => this.#calls.values(),
    (call) => this.#timeOut(call),
  );
  /** Answers that belonged to no open call. */
  #unmatched = 0;
  #wroteNonNumbers = false;
  #closed: LinkClosed | undefined;
  #lastUsed = performance.now();

  constructor(open: OpenLink, options: ConnectionOptions, events: ConnectionEvents, log: Logger) {
    this.#options = options;
    this.#events = events;
    this.#log = log;
    this.#warnings = new SparseWarnings(log);
    this.#link = open({
      message: (text, bytes, of) => this.#receive(text, bytes, of),
      failed: (id, error) => this.#refused(id, error),
      closed: (closed) => this.#end(closed),
    });
  }

  get label(): string {
    return this.#link.label;
  }

  get lastStderr(): string | undefined {
    return this.#link.lastStderr;
  }

  /** What is wrong with a server that does not start and what to do, if what it wrote tells. */
  get hint(): string | undefined {
    return this.#link.hint;
  }

  /** When its last call was over (performance.now()); undefined while one is open. */
  get idleSince(): number | undefined {
    return this.#calls.size === 0 ? this.#lastUsed : undefined;
  }

  /** Why the connection ended, or undefined while it is open. */
  get closed(): LinkClosed | undefined {
    return this.#closed;
  }

  /**
   * Sends a request. Its caller always gets either an answer or an error.
   * @param settled called when the call is over, however it ended
   */
  call(message: Message, caller: Caller, settled?: Settled): void {
    const number = this.#newNumber();
    const token = tokenOf(message);
    const started = performance.now();
    const open: OpenCall = {
      number,
      caller,
      settled,
      id: message.id as string,
      token: token && detached(message.text.slice(token.start, token.end)),
      method: detached(message.method),
      started,
      deadline: this.#subscribes(message) ? undefined : started + this.#timeFor(message.method),
    };
    this.#calls.set(number, open);
    try {
      if (this.#closed) throw this.#deathError(this.#closed);
      const params = carriedBy(message);
      const sent = token ? replace(params, within(token, message), String(number)) : params;
      this.#link.send(withId(message, String(number), sent));
      if (open.deadline !== undefined) this.#deadlines.watch(open.deadline, started);
    } catch (error) {
      this.#fail(open, toGatewayError(error));
    }
  }

  /**
   * Sends a request of the gateway's own.
   * @param timeout milliseconds until it is cancelled, if that is less than the request timeout
   * @throws GatewayError, or ErrorAnswer with the server's own message
   */
  ask(method: string, params: unknown, timeout?: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const message = readMessage(request(0, method, params)) as Message;
      const caller: Caller = {
        thisConnectionOnly: true,
        message: () => {},
        fail: reject,
        answer: (text) => {
          try {
            resolve(resultOf(text, method));
          } catch (error) {
            reject(error);
          }
        },
      };
      const timer =
        timeout === undefined ? undefined : setTimeout(() => this.#askTimedOut(caller, method, timeout), timeout);
      this.call(message, caller, () => clearTimeout(timer));
    });
  }

  #askTimedOut(caller: Caller, method: string, timeout: number): void {
    const { service } = this.#options;
    this.cancel(caller, new GatewayError("request-timeout", { service, method, seconds: timeout / 1_000 }));
  }

  /** Sends a notification, or the answer to a request of the server. */
  send(text: string): void {
    try {
      if (!this.#closed) this.#link.send(text);
    } catch (err) {
      this.#warnings.warn({ child: this.label, err }, "message lost"); // it has no answer, so there is nobody to tell
    }
  }

  /**
   * Cancels a caller's call: tells the server, fails the call at once, and drops a late answer.
   * @returns whether the caller had an open call here
   */
  cancel(caller: Caller, reason: GatewayError): boolean {
    for (const call of this.#calls.values()) {
      if (call.caller !== caller) continue;
      this.#cancel(call, reason);
      return true;
    }
    return false;
  }

  /** Ends the connection. @param reason what the callers of open calls are told; those calls may have run */
  close(reason: string): Promise<void> {
    this.#closed ??= { reason, lastStderr: "" };
    const error = new GatewayError("call-ended", { reason });
    for (const call of this.#calls.values()) this.#fail(call, error);
    this.#deadlines.stop();
    return this.#link.close();
  }

  /** A message that cannot be handled is dropped: those behind it may be for other callers. */
  #receive(text: string, bytes: Buffer | undefined, of: string | undefined): void {
    try {
      this.#take(text, bytes, of);
    } catch (err) {
      this.#warnings.warn({ child: this.label, err }, "message dropped: it could not be read");
    }
  }

  #take(received: string, bytes: Buffer | undefined, of: string | undefined): void {
    const text = mayHoldNonNumbers(received) ? this.#withNulls(received) : received;
    const read = readMessage(text);
    // A client may refuse members of the envelope that it does not know.
    const message = read?.dropped === undefined ? read : readMessage(withId(read));
    if (message === undefined) this.#garbled(text);
    else if (message.kind === "response") this.#answer(message, message.text === received ? bytes : undefined);
    else if (message.kind === "request") this.#events.request(message);
    else if (message.method === "notifications/progress") this.#progress(message);
    else if (!this.#changeNotification(message)) this.#notification(message, of);
    if (message?.method === TOOLS_CHANGED) this.#options.onToolsChanged?.();
  }

  /** A log message belongs to the call on whose response it came. Elsewhere nobody knows whose it is but by what is open. */
  #notification(message: Message, of: string | undefined): void {
    const call = message.method === "notifications/message" ? this.#calls.get(idNumber(of)) : undefined;
    if (call) call.caller.message(message.text);
    else this.#events.notification(message);
  }

  /** A number that no open call has. A client that knows one must not be able to guess another's. */
  #newNumber(): number {
    for (;;) {
      const number = randomNumber();
      if (!this.#calls.has(number)) return number;
    }
  }

  #answer(message: Message, bytes?: Buffer): void {
    const call = this.#calls.get(idNumber(message.id));
    if (call === undefined) return this.#unasked(message);
    this.#settle(call, message.text);
    try {
      const text = withId(message, call.id);
      if (this.#subscribes(call)) call.caller.answer(forSubscriber(text, call, "result"), message);
      else call.caller.answer(text, message, bytes && piecesWithId(message, call.id, bytes));
    } catch (cause) {
      call.caller.fail(new GatewayError("bad-answer", { service: this.#options.service }, { cause }));
    }
  }

  #refused(id: string, error: GatewayError): void {
    const call = this.#calls.get(idNumber(id));
    if (call) this.#fail(call, error);
  }

  /** An answer to a call that was cancelled or timed out, or to none. */
  #unasked({ text }: Message): void {
    this.#unmatched++;
    this.#log.debug(
      { child: this.label, bytes: text.length, unmatched: this.#unmatched },
      "dropped: no call is open that it answers",
    );
  }

  /** Not a message. If it was meant as an answer, its caller need not wait any longer. */
  #garbled(text: string): void {
    const error = errorWithoutId(text);
    if (error !== undefined) return this.#errorWithoutId(error);
    this.#log.debug({ child: this.label, bytes: text.length }, "not a JSON-RPC message");
    this.#link.noMessage?.(text);
    const call = this.#calls.get(meantFor(text));
    if (call) this.#fail(call, new GatewayError("bad-answer", { service: this.#options.service }));
  }

  /**
   * An error that names no call is for the only one that is open. "Method not found" is not: a server that knows the method
   * has read the request, so it had no id, and was a notification.
   */
  #errorWithoutId(error: string): void {
    const [only, another] = [...this.#calls.values()].filter((call) => !this.#subscribes(call));
    const code = written(error, 0, "code");
    if (only && !another && code !== METHOD_NOT_FOUND) {
      return this.#answer(readMessage(`{"jsonrpc":"2.0","id":${only.number},"error":${error}}`) as Message);
    }
    const open = this.#calls.size;
    this.#warnings.warn(
      { child: this.label, code, open },
      "an error without an id: it is not known which call it answers",
    );
  }

  /** Clients cannot read NaN and Infinity, which are not JSON: null, as JavaScript writes them, they can. */
  #withNulls(text: string): string {
    const json = withoutNonNumbers(text);
    if (json !== text && !this.#wroteNonNumbers) {
      this.#wroteNonNumbers = true;
      this.#log.warn({ child: this.label }, "the server writes NaN or Infinity, which are not JSON: sent on as null");
    }
    return json;
  }

  #progress(message: Message): void {
    const token = find(message.text, message.params, "progressToken");
    const call = token && this.#calls.get(idNumber(message.text.slice(token.start, token.end)));
    if (!token || call?.token === undefined) return;
    // MCP 2025-11-25, Lifecycle, "Timeouts": progress resets the timeout, but only up to a maximum.
    const now = performance.now();
    const mayGoOn = now - call.started < this.#options.requestTimeout * MAX_TIMEOUTS;
    if (mayGoOn && call.deadline !== undefined) call.deadline = now + this.#timeFor(call.method);
    call.caller.message(replace(message.text, token, call.token));
  }

  /**
   * Passes a change notification, which carries its subscription's id, to the call that opened the subscription (MCP
   * 2026-07-28, Subscriptions). A server ends a subscription with notifications/cancelled; over HTTP its answer does that.
   * @returns whether the message belonged to a subscription
   */
  #changeNotification(message: Message): boolean {
    const ends = message.method === "notifications/cancelled";
    const path = ends ? ["requestId"] : ["_meta", META.subscription];
    const call = this.#calls.get(idNumber(written(message.text, message.params, ...path)));
    if (!call || !this.#subscribes(call)) return false;
    if (!ends) call.caller.message(forSubscriber(message.text, call, "params"));
    else this.#answer(readMessage(endOfSubscription(call.number)) as Message);
    return true;
  }

  #subscribes({ method }: { readonly method: string }): boolean {
    return this.#options.modern === true && method === LISTEN;
  }

  #cancel(call: OpenCall, reason: GatewayError): void {
    this.send(notification("notifications/cancelled", { requestId: call.number, reason: reason.message }));
    this.#fail(call, reason);
  }

  #timeOut(call: OpenCall): void {
    const { service } = this.#options;
    this.#log.warn({ child: this.label, method: call.method }, "no answer in time");
    const seconds = this.#timeFor(call.method) / 1_000;
    this.#cancel(call, new GatewayError("request-timeout", { service, method: call.method, seconds }));
  }

  /** A server may need longer to start than a call may take: whoever starts it has a limit for that. */
  #timeFor(method: string): number {
    const { requestTimeout, startTimeout = 0 } = this.#options;
    return FIRST_REQUESTS.has(method) ? Math.max(requestTimeout, startTimeout) : requestTimeout;
  }

  #end(closed: LinkClosed): void {
    this.#closed = closed;
    const unrun = (closed.notRun ?? []).map((text) => this.#withdraw(text)).filter((call) => call !== undefined);
    const error = this.#deathError(closed);
    for (const call of this.#calls.values()) this.#fail(call, error);
    this.#deadlines.stop();
    this.#events.closed(closed);
    for (const call of unrun) this.#giveBack(call);
  }

  /** @returns the call with the caller's own id and token again */
  #withdraw(text: string): UnrunCall | undefined {
    const sent = readMessage(text);
    const call = sent?.id === undefined ? undefined : this.#calls.get(Number(sent.id));
    if (!sent || !call) return undefined;
    this.#calls.delete(call.number);
    const token = call.token === undefined ? undefined : find(text, sent.params, "_meta", "progressToken");
    const own = token ? (readMessage(replace(text, token, call.token as string)) as Message) : sent;
    const message = readMessage(withId(own, call.id)) as Message;
    return { message, caller: call.caller, settled: call.settled ?? (() => {}) };
  }

  /** Once for each call: an upstream that loses every session would be asked for ever. */
  #giveBack(call: UnrunCall): void {
    const { caller, settled } = call;
    const again = !caller.thisConnectionOnly && !givenBack.has(caller);
    givenBack.add(caller);
    if (again && this.#events.takeBack?.(call)) return;
    settled();
    caller.fail(new GatewayError("upstream-session-ended", { service: this.#options.service }));
  }

  #fail(call: OpenCall, error: GatewayError): void {
    this.#settle(call);
    call.caller.fail(error);
  }

  #settle(call: OpenCall, answer?: string): void {
    this.#calls.delete(call.number);
    if (this.#calls.size === 0) this.#lastUsed = performance.now();
    call.settled?.(answer);
  }

  #deathError({ reason, neverRan }: LinkClosed): GatewayError {
    const { service } = this.#options;
    return new GatewayError("child-died", { service, reason, how: neverRan ? "never ran" : undefined });
  }
}

/** A span of a message as one of its params. */
const within = ({ start, end }: Span, { params }: Message): Span => ({ start: start - params, end: end - params });

/** A message of a subscription with the subscriber's own id, if it names the subscription at all. */
function forSubscriber(text: string, { id }: OpenCall, part: "params" | "result"): string {
  const span = find(text, 0, part, "_meta", META.subscription);
  return span ? replace(text, span, id) : text;
}
