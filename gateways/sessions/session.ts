/**
 * One client's session: whose it is, what was agreed, its open calls and its streams, and which of them a message of the
 * server's goes to.
 */
import type { Caller } from "../bridge/connection.ts";
import { GatewayError } from "../errors.ts";
import { written, type Message } from "../jsonrpc.ts";
import type { Held, Share } from "../memory-budget.ts";
import type { Principal } from "../principal.ts";
import { CallsById } from "./calls-by-id.ts";
import { EventStore } from "./event-store.ts";
import type { Lane, LaneCaller, LaneClient, SessionRecord } from "./servers/contract.ts";
import { Stream } from "./stream.ts";

/** A caller that a message of the server's can reach while its call is open. */
export interface SessionCaller extends LaneCaller {
  /** Whose request it is: the session's, with what its token opens at this moment. */
  readonly principal: Principal;
  /** Whether messages other than the answer can reach it (its client accepts a stream and is still there). */
  readonly streams: boolean;
}

const STANDALONE = 0;

/** Requests that the record keeps as long as the session lives, so they are limited in size and number. */
const KEPT: ReadonlySet<string> = new Set(["logging/setLevel", "resources/subscribe"]);
const UNSUBSCRIBE = "resources/unsubscribe";
/** How many bytes a message that is kept may have. */
export const MAX_KEPT = 65_536;
const MAX_SUBSCRIPTIONS = 1_000;
/** And how many bytes all subscriptions of a session. */
const MAX_SUBSCRIPTION_BYTES = 1024 * 1024;

/** What a session costs besides its record, and a call while it is open, also when its client has left. */
const SESSION_BYTES = 2 * 1024;
const CALL_BYTES = 8 * 1024;

/** How a client speaks to us: with Streamable HTTP, the older HTTP with SSE, or a WebSocket; or through a group. */
export type ClientTransport = "http" | "sse" | "ws" | "group";

/** What a session is made of. */
export interface SessionParts {
  readonly id: string;
  readonly principal: Principal;
  /** The address of the client that opened it. */
  readonly address: string;
  readonly transport: ClientTransport;
  readonly record: SessionRecord;
  /** What its principal may hold. */
  readonly memory: Share;
  /** How many calls it may have open. */
  readonly maxOpenCalls: number;
  /** The protocol version that initialize agreed on. @default "" until it has been answered */
  readonly version?: string;
}

/** One client's session. */
export class Session implements LaneClient {
  readonly id: string;
  #principal: Principal;
  readonly address: string;
  readonly transport: ClientTransport;
  readonly record: SessionRecord;
  /** The protocol version that initialize agreed on. */
  version: string;
  /** The session's way to its server. */
  readonly lane: Lane;
  /** Called when a request may have changed the record. */
  changed: ((request: Message) => void) | undefined;
  /** performance.now(): when it was opened, or taken over. */
  readonly opened = performance.now();
  lastUsed = performance.now();
  readonly #calls = new CallsById<SessionCaller>();
  #openCalls = 0;
  /** Subscriptions that the server has not agreed to yet. */
  #subscribing = 0;
  /** Bytes of requests that will be kept if the server agrees. */
  #agreeing = 0;
  readonly #memory: Share;
  readonly #maxOpenCalls: number;
  /** What it and its record hold. */
  readonly #held: Held;
  readonly #streams = new Map<number, Stream>();
  #store: EventStore | undefined;
  #lastStream: number;

  /** @param laneFor opens the session's way to its server @throws GatewayError `memory-exhausted`, and as `laneFor` */
  constructor(parts: SessionParts, laneFor: (session: Session) => Lane) {
    const { id, principal, address, transport, record, memory, maxOpenCalls, version = "" } = parts;
    this.#memory = memory;
    this.#maxOpenCalls = maxOpenCalls;
    this.#held = memory.hold(SESSION_BYTES + keptBytes(record));
    this.id = id;
    this.#principal = principal;
    this.address = address;
    this.transport = transport;
    this.record = record;
    this.version = version;
    this.#lastStream = STANDALONE + record.countFrom;
    this.lane = this.#laneFrom(laneFor);
  }

  get principal(): Principal {
    return this.#principal;
  }

  /** Its principal has sent a request, perhaps with another token. One of an older release that forwards a request does not say with which. */
  usedBy(principal: Principal): void {
    const { credential = this.#principal.credential } = principal;
    this.#principal = credential === undefined ? principal : { ...principal, credential };
    this.lastUsed = performance.now();
  }

  /** Whether something is going on: an open call, or a client that listens. */
  get busy(): boolean {
    return this.#openCalls > 0 || [...this.#streams.values()].some((stream) => stream.attached);
  }

  /** A group lists all tools of a member, and searches them itself. */
  get showsTools(): boolean {
    return this.transport === "group";
  }

  get openCalls(): number {
    return this.#openCalls;
  }

  /** The stream that no call owns (GET /mcp). */
  get standalone(): Stream {
    return this.#streams.get(STANDALONE) ?? this.#addStream(STANDALONE);
  }

  /** A new stream for the messages of a call. */
  openStream(): Stream {
    return this.#addStream(++this.#lastStream);
  }

  /** A call's stream has had its last message. What it has sent stays in the store. */
  closeStream(stream: Stream): void {
    stream.end();
    this.#streams.delete(stream.number);
  }

  /** A stream to resume, made again for its replay alone when it has ended. */
  resumeStream(number: number): { stream: Stream; live: boolean } {
    const stream = number === STANDALONE ? this.standalone : this.#streams.get(number);
    return stream ? { stream, live: true } : { stream: new Stream(number, this.#events), live: false };
  }

  /** Passes a request of the client's on. */
  call(message: Message, caller: SessionCaller): void {
    const kept = KEPT.has(message.method);
    const refusal = (kept ? this.#refuseToKeep(message) : undefined) ?? this.#refuseCall();
    if (refusal) return this.#fail(caller, refusal);
    const change = kept || message.method === UNSUBSCRIBE ? message : undefined; // others are not held until their answer
    const id = message.id as string;
    this.#calls.add(id, caller); // a client that uses an id twice at once gets both answers, and can cancel the later call
    const subscribing = message.method === "resources/subscribe" ? 1 : 0;
    const bytes = kept ? message.text.length : 0;
    this.#openCalls++;
    this.#subscribing += subscribing;
    this.#agreeing += bytes;
    this.lane.call(message, caller, () => {
      this.#openCalls--;
      this.#memory.give(CALL_BYTES);
      this.#subscribing -= subscribing;
      this.#agreeing -= bytes;
      if (change) this.#countRecord();
      this.#calls.delete(id, caller);
      this.lastUsed = performance.now();
      if (change) this.changed?.(change);
    });
  }

  /** Passes a notification of the client's, or its answer to a request of the server's, on. */
  tell(message: Message): void {
    if (message.method === "notifications/initialized") this.record.initialized = true;
    if (message.method !== "notifications/cancelled") return this.lane.tell(message);
    const id = written(message.text, message.params, "requestId");
    const caller = id === undefined ? undefined : this.#calls.get(id);
    if (caller) this.lane.cancel(caller, new GatewayError("cancelled"));
  }

  /** A message of the server's that only this session may see. */
  fromServer(message: Message): void {
    const caller = this.#addressee(message);
    if (caller) caller.message(message.text);
    else this.standalone.send(message.text);
  }

  /** Cancels every open call: nobody will be there for the answers. */
  endCalls(reason = new GatewayError("call-ended", { reason: "its session ended" })): void {
    for (const caller of this.#calls.all()) this.lane.cancel(caller, reason);
  }

  end(): void {
    for (const stream of this.#streams.values()) stream.end();
    this.#streams.clear();
    this.#store?.end();
    this.#held.end();
  }

  #laneFrom(laneFor: (session: Session) => Lane): Lane {
    try {
      return laneFor(this);
    } catch (error) {
      this.#held.end();
      throw error;
    }
  }

  #refuseCall(): GatewayError | undefined {
    const limit = this.#maxOpenCalls;
    if (this.#openCalls >= limit) return new GatewayError("too-many-open-calls", { limit });
    return this.#memory.tryTake(CALL_BYTES) ? undefined : this.#memory.refusal("memory-exhausted", CALL_BYTES);
  }

  #fail(caller: Caller, refusal: GatewayError): void {
    this.#countRecord();
    caller.fail(refusal);
  }

  /** Counts a request that may be kept, or says why it may not. */
  #refuseToKeep({ text, method }: Message): GatewayError | undefined {
    const { record } = this;
    if (text.length > MAX_KEPT) return new GatewayError("body-too-large", { limit: MAX_KEPT });
    const tooMany =
      record.subscriptions.size + this.#subscribing >= MAX_SUBSCRIPTIONS ||
      keptBytes(record) + this.#agreeing + text.length > MAX_SUBSCRIPTION_BYTES;
    if (tooMany && method === "resources/subscribe")
      return new GatewayError("too-many-subscriptions", { limit: MAX_SUBSCRIPTIONS, bytes: MAX_SUBSCRIPTION_BYTES });
    return this.#held.tryTake(text.length) ? undefined : this.#held.refusal("memory-exhausted", text.length);
  }

  #countRecord(): void {
    this.#held.resize(SESSION_BYTES + keptBytes(this.record) + this.#agreeing);
  }

  /**
   * The call that a message without a progress token belongs to. Requests and log messages most likely come from the only
   * open call (on a pipe nothing says so); changes of lists and resources belong to none.
   * @returns undefined for the standalone stream
   */
  #addressee(message: Message): SessionCaller | undefined {
    const callers = this.#calls.all().filter((caller) => caller.streams);
    const isChange = message.kind === "notification" && message.method !== "notifications/message";
    if (this.standalone.attached && (isChange || callers.length !== 1)) return undefined;
    return callers.at(-1);
  }

  get #events(): EventStore {
    return (this.#store ??= new EventStore(this.record.countFrom, this.#memory.hold()));
  }

  #addStream(number: number): Stream {
    const stream = new Stream(number, this.#events);
    this.#streams.set(number, stream);
    return stream;
  }
}

/** The requests that a record keeps, in bytes. */
function keptBytes({ initialize, logLevel, subscriptions }: SessionRecord): number {
  let bytes = initialize.text.length + (logLevel?.text.length ?? 0);
  for (const { text } of subscriptions.values()) bytes += text.length;
  return bytes;
}
