/** Isolation `session`: every session has a server of its own, lent from a pool. Knows nothing of HTTP. */
import { setTimeout as sleep } from "node:timers/promises";
import { countTools, introduce, withinStart } from "../bridge/introduce.ts";
import type { LinkClosed, OpenLink } from "../bridge/link.ts";
import type { Caller, Peer } from "../bridge/peer.ts";
import { ConnectionPool, type Holder, type PoolOptions, type Seat } from "../bridge/pool.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { answer, find, notification, type Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import type { Backend, Condition, Lane } from "./lane.ts";
import type { Session, SessionRecord } from "./session.ts";

export interface PrivateOptions extends PoolOptions {
  /** Milliseconds that a server has to answer `initialize`. */
  readonly startTimeout: number;
  /** Whether a session whose server is gone goes on with a new one. */
  readonly revive: boolean;
}

export class PrivateBackend implements Backend {
  readonly pool: ConnectionPool;
  readonly options: PrivateOptions;
  condition: Condition = { ready: false, tools: undefined, error: undefined };
  #proving: Promise<void> | undefined;
  #stopped = false;

  constructor(open: OpenLink, options: PrivateOptions, log: Logger) {
    this.options = options;
    this.pool = new ConnectionPool(open, options, log, () => this.#doubt());
  }

  get children(): number {
    return this.pool.size;
  }

  async start(): Promise<void> {
    await this.#prove();
    if (!this.condition.ready) this.#doubt();
  }

  lane(session: Session, ended: (reason: GatewayError) => void): Lane {
    return new PrivateLane(this, session, ended);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.pool.stop();
  }

  /** A server ended by itself: the service is not ready until another has shown that it can start. */
  #doubt(): void {
    if (this.#stopped || this.#proving) return;
    this.condition = { ...this.condition, ready: false };
    this.#proving = this.#proveUntilReady().finally(() => (this.#proving = undefined));
  }

  async #proveUntilReady(): Promise<void> {
    while (!this.#stopped && !this.condition.ready) {
      await sleep(Math.max(this.pool.holdBack, 10), undefined, { ref: false });
      if (!this.#stopped) await this.#prove();
    }
  }

  async #prove(): Promise<void> {
    const { startTimeout, service } = this.options;
    let seat: Seat | undefined;
    try {
      seat = await this.pool.lease(nobody);
      const tools = await withinStart(listTools(seat.peer), startTimeout, service);
      this.condition = { ready: true, tools, error: undefined };
      this.pool.proven();
    } catch (error) {
      this.condition = { ready: false, tools: undefined, error: toGatewayError(error).message };
      if (seat && !seat.peer.closed) this.pool.failed(seat.peer);
    }
    if (seat) void this.pool.release(seat, new GatewayError("shutting-down")); // nobody need wait for its end
  }
}

const listTools = async (peer: Peer) => countTools(peer, await introduce(peer));

/** Holds the connection that only shows that the server can start. */
const nobody: Holder = {
  idleSince: undefined,
  sleep: async () => {},
  notification: () => {},
  request: () => {},
  closed: () => {},
};

class PrivateLane implements Lane, Holder {
  readonly #backend: PrivateBackend;
  readonly #session: Session;
  readonly #ended: (reason: GatewayError) => void;
  #seat: Seat | undefined;
  #waking: Promise<Seat> | undefined;
  #closed: GatewayError | undefined;
  #openCalls = 0;
  #idleSince = 0;
  /** Callers whose call waits for the server to wake. */
  readonly #waiting = new Set<Caller>();
  /** Ids of the server's requests that the client has not answered. */
  readonly #asked = new Set<string>();

  constructor(backend: PrivateBackend, session: Session, ended: (reason: GatewayError) => void) {
    this.#backend = backend;
    this.#session = session;
    this.#ended = ended;
  }

  async open(): Promise<string> {
    const text = await this.#start((peer) => answerOf(peer, this.#session.record.initialize));
    this.#idleSince = performance.now();
    this.#backend.pool.settled();
    return text;
  }

  call(message: Message, caller: Caller, settled: () => void): void {
    if (REMEMBERED.test(message.method)) caller = remembering(this.#session.record, message, caller);
    this.#openCalls++;
    const done = () => {
      this.#openCalls--;
      this.#idleSince = performance.now();
      settled();
      this.#backend.pool.settled();
    };
    if (this.#seat) this.#seat.peer.call(message, caller, done);
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
    const seat = this.#seat ?? (await this.#waking?.catch(() => undefined));
    this.#seat = undefined;
    if (seat) await this.#backend.pool.release(seat, reason);
  }

  /** A session that cannot be revived is never put to sleep, nor one whose client has a question to answer. */
  get idleSince(): number | undefined {
    const awake = this.#seat !== undefined && this.#openCalls === 0 && this.#asked.size === 0;
    return awake && this.#backend.options.revive && this.#idleSince > 0 ? this.#idleSince : undefined;
  }

  async sleep(): Promise<void> {
    const seat = this.#seat;
    this.#seat = undefined;
    if (seat) await this.#backend.pool.release(seat, new GatewayError("session-not-found"));
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
    this.#seat = undefined;
    this.#asked.clear();
    const { service, revive } = this.#backend.options;
    if (!revive) this.#ended(new GatewayError("child-died", { service, reason }));
  }

  async #callWhenAwake(message: Message, caller: Caller, done: () => void): Promise<void> {
    this.#waiting.add(caller);
    try {
      this.#waking ??= this.#wake().finally(() => (this.#waking = undefined));
      const { peer } = await this.#waking;
      if (this.#waiting.delete(caller)) peer.call(message, caller, done);
      else done();
    } catch (error) {
      done();
      if (this.#waiting.delete(caller)) caller.fail(toGatewayError(error));
    }
  }

  async #wake(): Promise<Seat> {
    await this.#start((peer) => replay(peer, this.#session.record));
    return this.#seat!;
  }

  /** Leases a server and begins with it; a server that does not get that far is given back. */
  async #start<T>(begin: (peer: Peer) => Promise<T>): Promise<T> {
    const { pool, options } = this.#backend;
    if (this.#closed) throw this.#closed;
    const seat = await pool.lease(this);
    try {
      const begun = await withinStart(begin(seat.peer), options.startTimeout, options.service);
      pool.proven();
      this.#seat = seat;
      return begun;
    } catch (error) {
      if (!seat.peer.closed) pool.failed(seat.peer);
      await pool.release(seat, toGatewayError(error));
      throw error;
    }
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
  await answerOf(peer, record.initialize);
  if (record.initialized) peer.send(notification("notifications/initialized"));
  if (record.logLevel) await answerOf(peer, record.logLevel);
  for (const subscription of record.subscriptions.values()) await answerOf(peer, subscription);
}

function answerOf(peer: Peer, message: Message): Promise<string> {
  return new Promise((resolve, reject) => {
    peer.call(message, { answer: resolve, fail: reject, message: () => {} });
  });
}
