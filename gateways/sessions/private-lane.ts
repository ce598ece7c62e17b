/** A session's way to a server of its own, which may sleep, die and be replaced under it. Knows nothing of HTTP. */
import { withinStart } from "../bridge/introduce.ts";
import type { LinkClosed } from "../bridge/link.ts";
import type { Caller, Peer } from "../bridge/peer.ts";
import type { ConnectionPool, Holder, PoolOptions, Seat } from "../bridge/pool.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { answer, find, notification, type Message } from "../jsonrpc.ts";
import type { Lane } from "./lane.ts";
import type { Session, SessionRecord } from "./session.ts";

export interface PrivateOptions extends PoolOptions {
  /** Milliseconds that a server has to answer `initialize`. */
  readonly startTimeout: number;
  /** Whether a session whose server is gone goes on with a new one. */
  readonly revive: boolean;
}

export class PrivateLane implements Lane, Holder {
  readonly #pool: ConnectionPool;
  readonly #options: PrivateOptions;
  readonly #session: Session;
  readonly #ended: (reason: GatewayError) => void;
  /** The session's server, from its start on. */
  #seat: Seat | undefined;
  /** Whether the server knows of the session and takes its calls. */
  #awake = false;
  #waking: Promise<void> | undefined;
  #closed: GatewayError | undefined;
  #openCalls = 0;
  #idleSince = 0;
  /** Callers whose call waits for the server to wake. */
  readonly #waiting = new Set<Caller>();
  /** Ids of the server's requests that the client has not answered. */
  readonly #asked = new Set<string>();

  constructor(pool: ConnectionPool, options: PrivateOptions, session: Session, ended: (reason: GatewayError) => void) {
    this.#pool = pool;
    this.#options = options;
    this.#session = session;
    this.#ended = ended;
  }

  async open(): Promise<string> {
    const text = await this.#start((peer) => answerOf(peer, this.#session.record.initialize));
    this.#idleSince = performance.now();
    this.#pool.settled();
    return text;
  }

  call(message: Message, caller: Caller, settled: () => void): void {
    if (REMEMBERED.test(message.method)) caller = remembering(this.#session.record, message, caller);
    this.#openCalls++;
    const done = () => {
      this.#openCalls--;
      this.#idleSince = performance.now();
      settled();
      this.#pool.settled();
    };
    if (this.#seat && this.#awake) this.#seat.peer.call(message, caller, done);
    else void this.#callWhenAwake(message, caller, done);
  }

  tell(message: Message): void {
    if (message.kind === "response" && !this.#asked.delete(message.id as string)) return;
    this.#seat?.peer.send(message.text); // asleep: what matters of it is in the record and is replayed
  }

  cancel(caller: Caller, reason: GatewayError): void {
    if (this.#seat?.peer.cancel(caller, reason)) return;
    if (this.#waiting.delete(caller)) caller.fail(reason);
  }

  async close(reason: GatewayError): Promise<void> {
    this.#closed = reason;
    await this.#waking?.catch(() => undefined);
    const seat = this.#leave();
    if (seat) await this.#pool.release(seat, reason);
  }

  /** A session that cannot be revived is never put to sleep, nor one whose client has a question to answer. */
  get idleSince(): number | undefined {
    const idle = this.#awake && this.#openCalls === 0 && this.#asked.size === 0;
    return idle && this.#options.revive ? this.#idleSince : undefined;
  }

  async sleep(): Promise<void> {
    const seat = this.#leave();
    if (seat) await this.#pool.release(seat, new GatewayError("session-not-found"));
  }

  notification(message: Message): void {
    if (message.method === "notifications/cancelled") this.#withdraw(message);
    this.#session.fromServer(message);
  }

  request(message: Message): void {
    if (message.method === "ping") return this.#seat?.peer.send(answer(message.id as string, {}));
    this.#asked.add(message.id as string);
    this.#session.fromServer(message);
  }

  closed({ reason }: LinkClosed): void {
    this.#leave();
    const { service, revive } = this.#options;
    if (!revive) this.#ended(new GatewayError("child-died", { service, reason }));
  }

  async #callWhenAwake(message: Message, caller: Caller, done: () => void): Promise<void> {
    this.#waiting.add(caller);
    try {
      await (this.#waking ??= this.#wake().finally(() => (this.#waking = undefined)));
      if (!this.#waiting.has(caller)) return done(); // cancelled meanwhile
      if (!this.#seat)
        throw new GatewayError("child-start-failed", { service: this.#options.service, reason: "it ended" });
      this.#waiting.delete(caller);
      this.#seat.peer.call(message, caller, done);
    } catch (error) {
      done();
      if (this.#waiting.delete(caller)) caller.fail(toGatewayError(error));
    }
  }

  #wake(): Promise<void> {
    return this.#start((peer) => replay(peer, this.#session.record));
  }

  /** Leases a server and begins with it; a server that does not get that far is given back. */
  async #start<T>(begin: (peer: Peer) => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#closed;
    const seat = await this.#pool.lease(this);
    this.#seat = seat;
    try {
      const begun = await withinStart(begin(seat.peer), this.#options.startTimeout, this.#options.service);
      this.#pool.proven();
      this.#awake = this.#seat === seat;
      return begun;
    } catch (error) {
      if (!seat.peer.closed) this.#pool.failed(seat.peer);
      this.#leave();
      await this.#pool.release(seat, toGatewayError(error));
      throw error;
    }
  }

  /** The session is without a server. */
  #leave(): Seat | undefined {
    const seat = this.#seat;
    this.#seat = undefined;
    this.#awake = false;
    this.#asked.clear();
    return seat;
  }

  #withdraw({ text, params }: Message): void {
    const id = find(text, params, "requestId");
    if (id) this.#asked.delete(text.slice(id.start, id.end));
  }
}

const REMEMBERED = /^logging\/setLevel$|^resources\/(un)?subscribe$/;

/** The caller of a request that a new server must be told too: it is kept once the server has agreed. */
function remembering(record: SessionRecord, message: Message, caller: Caller): Caller {
  return {
    message: (text) => caller.message(text),
    fail: (error) => caller.fail(error),
    answer: (text) => {
      if (find(text, 0, "result")) remember(record, message);
      caller.answer(text);
    },
  };
}

function remember(record: SessionRecord, message: Message): void {
  const uri = find(message.text, message.params, "uri");
  const key = uri && message.text.slice(uri.start, uri.end);
  if (message.method === "logging/setLevel") record.logLevel = message;
  else if (key === undefined) return;
  else if (message.method === "resources/subscribe") record.subscriptions.set(key, message);
  else record.subscriptions.delete(key);
}

/** Brings a new server to where the session's last one was. */
async function replay(peer: Peer, record: SessionRecord): Promise<void> {
  const answered = await answerOf(peer, record.initialize);
  if (!find(answered, 0, "result")) throw new Error("it refused initialize");
  if (record.initialized) peer.send(notification("notifications/initialized"));
  if (record.logLevel) await answerOf(peer, record.logLevel);
  for (const subscription of record.subscriptions.values()) await answerOf(peer, subscription);
}

function answerOf(peer: Peer, message: Message): Promise<string> {
  return new Promise((resolve, reject) => {
    peer.call(message, { answer: resolve, fail: reject, message: () => {} });
  });
}
