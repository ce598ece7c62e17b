/** A session's way to a server of its own, which may sleep, end and be replaced while the session lasts. */
import type { Caller, Connection, Settled, UnrunCall } from "../../bridge/connection.ts";
import { detached } from "../../detached.ts";
import { withHint, withinStart } from "../../bridge/handshake.ts";
import { startFailed } from "../../bridge/start-failed.ts";
import type { LinkClosed } from "../../bridge/link.ts";
import type { ConnectionPool, Holder, PoolOptions, Seat } from "../../bridge/pool.ts";
import { nextVersion, type RefusedVersion } from "../../bridge/version-agreement.ts";
import { GatewayError, toGatewayError } from "../../errors.ts";
import {
  decode,
  errorAnswer,
  find,
  notification,
  readMessage,
  replace,
  stringIn,
  withId,
  written,
  type Message,
  type Span,
} from "../../jsonrpc.ts";
import { ClientRequests } from "./client-requests.ts";
import type { CredentialOf, Lane, LaneClient, SessionRecord } from "./contract.ts";
import type { StartLimits } from "./first-start.ts";
import { WaitingCalls } from "./waiting-calls.ts";

export interface PerSessionOptions extends PoolOptions, StartLimits {
  readonly startTimeout: number;
  /** Whether the server may go away without a sign, as an upstream does. */
  readonly remote: boolean;
  /** Whether a session whose server has ended continues with a new one. */
  readonly revive: boolean;
  /** The secret with which a principal's server acts in place of the service's own. @default - the service's own */
  readonly credentialOf?: CredentialOf | undefined;
}

export interface PerSessionLaneEvents {
  /** The session's server has started. */
  started(): void;
  /** The session cannot go on. */
  ended(reason: GatewayError): void;
}

/** A session's hold on a server of its own: awake, asleep, waking at the next call, or over. */
export class PerSessionLane implements Lane, Holder {
  readonly #pool: ConnectionPool;
  readonly #options: PerSessionOptions;
  readonly #client: LaneClient;
  readonly #events: PerSessionLaneEvents;
  /** The session's server, from its start on. */
  #seat: Seat | undefined;
  /** Whether the server knows of the session and takes its calls. */
  #awake = false;
  #waking: Promise<unknown> | undefined;
  #closed: GatewayError | undefined;
  #openCalls = 0;
  #idleSince = 0;
  /** Calls that wait for the server to wake. */
  readonly #waiting = new WaitingCalls<Caller>();
  /** The server's requests that the client has not answered, with the server's own ids. */
  readonly #clientRequests: ClientRequests<string>;

  constructor(pool: ConnectionPool, options: PerSessionOptions, client: LaneClient, events: PerSessionLaneEvents) {
    this.#pool = pool;
    this.#options = options;
    this.#client = client;
    this.#events = events;
    this.#clientRequests = new ClientRequests(client);
  }

  async open(): Promise<string> {
    const text = await this.#start((connection) => initialize(connection, this.#client.record.initialize));
    this.#idleSince = performance.now();
    this.#pool.settled();
    return text;
  }

  /** A client with subscriptions expects notifications without a call of its own; everything else waits for its next call. */
  restore(): void {
    if (this.#client.record.subscriptions.size > 0) this.#awaken().catch(() => {}); // the next call tries again
  }

  call(message: Message, caller: Caller, settled: () => void): void {
    this.#openCalls++;
    const kept = REMEMBERED.has(message.method) ? message : undefined; // others are not held until their answer
    const done = (answered?: string) => {
      if (kept && answered !== undefined) remember(this.#client.record, kept, answered);
      this.#openCalls--;
      this.#idleSince = performance.now();
      settled();
      this.#pool.settled();
    };
    if (this.#seat && this.#awake && !this.#isOutdated) this.#seat.connection.call(message, caller, done);
    else this.#callWhenAwake(message, caller, done);
  }

  tell(message: Message): void {
    if (message.kind !== "response") {
      if (this.#awake) this.#seat?.connection.send(withId(message)); // otherwise the record has what matters, and is replayed
      return;
    }
    const id = this.#clientRequests.answered(message);
    if (id === undefined) return; // the server that requested it is gone, or never did
    this.#seat?.connection.send(withId(message, id));
    this.#pool.settled();
  }

  cancel(caller: Caller, reason: GatewayError): void {
    if (!this.#seat?.connection.cancel(caller, reason)) this.#waiting.cancel(caller, reason);
  }

  async close(reason: GatewayError): Promise<void> {
    this.#closed = reason;
    this.#waiting.cancelAll(reason);
    this.#pool.withdraw(this);
    const seat = this.#leave();
    if (seat) await this.#pool.release(seat, "its session ended");
  }

  get credential(): string | undefined {
    return this.#options.credentialOf?.(this.#client.principal);
  }

  /** A session that cannot be revived is never put to sleep, nor one whose client has a request to answer. */
  get idleSince(): number | undefined {
    const idle = this.#awake && this.#openCalls === 0 && this.#clientRequests.size === 0;
    return idle && this.#options.revive ? this.#idleSince : undefined;
  }

  /** A client with subscriptions expects notifications without a call of its own. */
  get restsSince(): number | undefined {
    return this.#client.record.subscriptions.size === 0 ? this.idleSince : undefined;
  }

  async sleep(): Promise<void> {
    const seat = this.#leave();
    if (seat) await this.#pool.release(seat, "its session sleeps");
  }

  notification(message: Message): void {
    if (message.method !== "notifications/cancelled") return this.#client.fromServer(message);
    const id = written(message.text, message.params, "requestId");
    const open = id === undefined ? undefined : this.#clientRequests.idOf(id);
    if (open !== undefined) this.#clientRequests.withdraw(open);
  }

  request(message: Message): void {
    const id = this.#register(message);
    if (id !== undefined) this.#client.fromServer(readMessage(withId(message, id)) as Message);
  }

  closed({ reason }: LinkClosed): void {
    this.#leave();
    const { service, revive } = this.#options;
    if (!revive) this.#events.ended(new GatewayError("child-died", { service, reason }));
  }

  /** Runs a call on the session's next server. */
  takeBack({ message, caller, settled }: UnrunCall): boolean {
    if (!this.#options.revive || this.#closed) return false;
    this.#callWhenAwake(message, caller, settled);
    return true;
  }

  /** A function of its own: closures of `call` live until the answer, and would hold the message as long. */
  #callWhenAwake(message: Message, caller: Caller, done: Settled): void {
    void this.#waiting.add(caller, this.#awakeSeat(), {
      bytes: message.text.length,
      starts: { service: this.#options.service, call: message },
      run: ({ connection }) => connection.call(message, caller, done),
      skipped: done,
    });
  }

  /** @returns the id for the client; undefined when the server has been told that the client has too many requests */
  #register(message: Message): string | undefined {
    try {
      return this.#clientRequests.register(detached(message.id as string));
    } catch (error) {
      const { code, message: text } = toGatewayError(error);
      this.#seat?.connection.send(errorAnswer(message.id, code, text));
      return undefined;
    }
  }

  /** Whether its client has another token by now, and nothing is going on at the server that has the one before. */
  get #isOutdated(): boolean {
    if (this.#seat === undefined || this.#seat.credential === this.credential) return false;
    return this.#options.revive && this.#openCalls === 1 && this.#clientRequests.size === 0;
  }

  async #awakeSeat(): Promise<Seat> {
    if (this.#isOutdated && !this.#waking) await this.sleep();
    await this.#awaken();
    if (this.#seat) return this.#seat;
    throw startFailed(this.#options.service, { reason: "it ended" });
  }

  #awaken(): Promise<unknown> {
    this.#waking ??= this.#start((connection) => replay(connection, this.#client.record)).finally(
      () => (this.#waking = undefined),
    );
    return this.#waking;
  }

  /**
   * Leases a server and begins with it; a server that does not get that far is given back.
   * @returns its answer to initialize
   */
  async #start(begin: (connection: Connection) => Promise<string>): Promise<string> {
    if (this.#closed) throw this.#closed;
    const seat = await this.#pool.lease(this);
    this.#seat = seat;
    try {
      if (this.#closed) throw this.#closed;
      const begun = await withinStart(begin(seat.connection), this.#options.startTimeout, this.#options.service);
      const agreed = find(begun, 0, "result") !== undefined; // a refusal shows nothing but that it can answer
      if (agreed) this.#pool.proven(seat);
      if (agreed && seat.credential === undefined) this.#events.started();
      this.#awake = this.#seat === seat;
      return begun;
    } catch (error) {
      if (!seat.connection.closed && !this.#closed) this.#pool.failed(seat, toGatewayError(error));
      this.#leave();
      const failure = withHint(error, seat.connection);
      await this.#pool.release(seat, "its start failed");
      throw failure;
    }
  }

  /** The session is without a server: the requests of the last one are withdrawn. */
  #leave(): Seat | undefined {
    const seat = this.#seat;
    this.#seat = undefined;
    this.#awake = false;
    this.#clientRequests.withdrawAll();
    if (seat) this.#client.serverLeft?.();
    return seat;
  }
}

const REMEMBERED: ReadonlySet<string> = new Set(["logging/setLevel", "resources/subscribe", "resources/unsubscribe"]);

/** Records a request that a new server must be told again, if the server has agreed to it. */
export function remember(record: SessionRecord, message: Message, answered: string): void {
  if (!find(answered, 0, "result")) return;
  const uri = stringIn(message.text, message.params, "uri");
  if (message.method === "logging/setLevel") record.logLevel = message;
  else if (uri === undefined) return;
  else if (message.method === "resources/subscribe") record.subscriptions.set(uri, message);
  else record.subscriptions.delete(uri);
}

/** Brings a new server to the state that the session's last one was in. */
async function replay(connection: Connection, record: SessionRecord): Promise<string> {
  const answered = await initialize(connection, record.initialize);
  if (!find(answered, 0, "result")) throw new Error("it refused initialize");
  if (record.initialized) connection.send(notification("notifications/initialized"));
  if (record.logLevel) await answerOf(connection, record.logLevel);
  for (const subscription of record.subscriptions.values()) await answerOf(connection, subscription);
  return answered;
}

/** Sends a client's `initialize`, again with another revision when the server refuses the client's and names one. */
async function initialize(connection: Connection, message: Message): Promise<string> {
  const version = find(message.text, message.params, "protocolVersion");
  const tried = version ? [String(decode(message.text, version))] : [];
  for (let request = message; ;) {
    const answered = await answerOf(connection, request);
    const error = find(answered, 0, "error");
    const next = version && error ? nextVersion(decode(answered, error) as RefusedVersion, tried) : undefined;
    if (next === undefined) return answered;
    tried.push(next);
    request = readMessage(replace(message.text, version as Span, `"${next}"`)) as Message;
  }
}

function answerOf(connection: Connection, message: Message): Promise<string> {
  return new Promise((resolve, reject) => {
    connection.call(message, { answer: resolve, fail: reject, message: () => {} });
  });
}
