/**
 * The connections of a service in which every session has a server process of its own. A spare process is kept warm, so
 * that opening a session need not wait for a start; at the cap, the holder that has been idle longest is put to sleep.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { deferred } from "../deferred.ts";
import { GatewayError } from "../errors.ts";
import { answer, errorAnswer, type Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import { Backoff, MAX_START_DELAY } from "./backoff.ts";
import { failureOf, levelFor, startDelayed } from "./handshake.ts";
import { sweepIdle } from "./idle-sweep.ts";
import type { LinkClosed, OpenLink } from "./link.ts";
import type { StartFailure } from "./start-failed.ts";
import { Connection, type ConnectionEvents, type ConnectionOptions, type UnrunCall } from "./connection.ts";

/** What a connection is lent to: a session. */
export interface Holder extends ConnectionEvents {
  /** When its last call ended (performance.now()), or undefined while it must not be put to sleep. */
  readonly idleSince: number | undefined;
  /** The same, or undefined while it should not be put to sleep only because it is idle. */
  readonly restsSince: number | undefined;
  /** The secret that its server has in place of the service's own. @default - the service's own */
  readonly credential?: string | undefined;
  /** Gives its connection back. It leases another when it needs one. */
  sleep(): Promise<void>;
}

/** The limits of one pool. */
export interface PoolOptions extends ConnectionOptions {
  /** The most connections, including the spare. */
  readonly max: number;
  /** Whether to keep one connection ready. */
  readonly warm: boolean;
  /** Milliseconds after which a connection ends that nobody has used. @default - never */
  readonly stopAfter?: number | undefined;
}

/** Milliseconds that a lease waits for a connection when all are taken. */
const QUEUE_TIMEOUT = 10_000;
/** Milliseconds before a new spare starts: a start blocks the event loop, and the session that took the last one goes first. */
const WARM_DELAY = 25;

interface Waiter {
  readonly holder: Holder | undefined;
  readonly resolve: (seat: Seat) => void;
  readonly reject: (reason: GatewayError) => void;
}

/** A connection and its current holder. The spare has none: its messages are dropped, its requests refused until it has. */
export class Seat implements ConnectionEvents {
  readonly connection: Connection;
  holder: Holder | undefined;
  /** The secret that its server was given in place of the service's own. */
  readonly credential: string | undefined;
  /** Whether the server has started properly. If it ends later, that is not a failed start. */
  proven = false;
  readonly #ended: (seat: Seat, closed: LinkClosed) => void;

  constructor(
    open: OpenLink,
    options: ConnectionOptions,
    log: Logger,
    own: {
      readonly credential: string | undefined;
      readonly ended: (seat: Seat, closed: LinkClosed) => void;
    },
  ) {
    this.#ended = own.ended;
    this.credential = own.credential;
    this.connection = new Connection((events) => open(events, own.credential), options, this, log);
  }

  notification(message: Message): void {
    this.holder?.notification(message);
  }

  /** A server may ping before it has been asked anything (MCP 2025-11-25, Lifecycle, "Initialization"). */
  request(message: Message): void {
    const { method, id } = message;
    if (method === "ping") return this.connection.send(answer(id as string, {}));
    if (this.holder) return this.holder.request(message);
    const { code, message: text } = new GatewayError("method-not-found", { method });
    this.connection.send(errorAnswer(id, code, text));
  }

  closed(closed: LinkClosed): void {
    this.#ended(this, closed);
    this.holder?.closed(closed);
  }

  takeBack(call: UnrunCall): boolean {
    return this.holder?.takeBack?.(call) ?? false;
  }
}

/** The connections of one service, each lent to one holder at a time. */
export class ConnectionPool {
  readonly #open: OpenLink;
  readonly #options: PoolOptions;
  readonly #log: Logger;
  readonly #onUnexpectedEnd: (closed: LinkClosed) => void;
  readonly #backoff = new Backoff();
  readonly #seats = new Set<Seat>();
  readonly #waiting: Waiter[] = [];
  /** Holders that no longer want a connection. */
  readonly #withdrawn = new WeakSet<Holder>();
  #spare: Seat | undefined;
  #warming: NodeJS.Timeout | undefined;
  #lastEnd: StartFailure | undefined;
  /** Whether it keeps no spare, because nobody needs one. */
  #rests = false;
  #lastLease = performance.now();
  #sweeper: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param onUnexpectedEnd called when a connection ends by itself */
  constructor(open: OpenLink, options: PoolOptions, log: Logger, onUnexpectedEnd: (closed: LinkClosed) => void) {
    this.#open = open;
    this.#options = options;
    this.#log = log;
    this.#onUnexpectedEnd = onUnexpectedEnd;
    const { stopAfter } = options;
    if (stopAfter !== undefined) this.#sweeper = sweepIdle(stopAfter, (oldest) => this.#endIdle(oldest));
  }

  /** How many connections there are, including the spare. */
  get size(): number {
    return this.#seats.size;
  }

  /**
   * Lends a holder a connection: the spare, a new one, or that of the holder that has been idle longest.
   * @param holder undefined = nobody: the connection only has to show that the server can start
   * @throws GatewayError `too-many-children` when none comes free in time, `child-start-failed` while starts keep failing,
   * `shutting-down` after `stop`, `session-not-found` after `withdraw`
   */
  async lease(holder: Holder | undefined): Promise<Seat> {
    this.#rests = false;
    this.#lastLease = performance.now();
    await this.#waitOutBackoff();
    if (this.#stopped) throw new GatewayError("shutting-down");
    if (holder && this.#withdrawn.has(holder)) throw new GatewayError("session-not-found");
    const seat = this.#seatFor(holder);
    if (seat) return occupy(seat, holder);
    this.#makeRoom();
    return this.#queue(holder);
  }

  /** Ends a connection and gives its place to the next in the queue. */
  async release(seat: Seat, reason: string): Promise<void> {
    seat.holder = undefined;
    await seat.connection.close(reason);
    this.#forget(seat);
  }

  /** A holder no longer wants a connection. */
  withdraw(holder: Holder): void {
    this.#withdrawn.add(holder);
    const waiter = this.#waiting.find((waiting) => waiting.holder === holder);
    if (waiter) this.#stopWaiting(waiter, new GatewayError("session-not-found"));
  }

  /** A connection works, so the service can be started again without delay. */
  proven(seat: Seat): void {
    seat.proven = true;
    if (seat.credential === undefined) this.#backoff.succeeded();
    this.#warmSoon();
  }

  /** A connection does not work although it has not ended. */
  failed({ connection: { label, lastStderr = "" }, credential }: Seat, error: GatewayError): void {
    const failure = failureOf(error);
    const known = failure.reason === this.#lastEnd?.reason;
    this.#log[known ? "debug" : levelFor(error)]({ child: label, ...failure, lastStderr }, "server did not start");
    if (credential !== undefined) return;
    this.#lastEnd = failure;
    this.#backoff.failed();
  }

  /** Milliseconds until the next start; 0 when starts are not delayed. */
  get startDelay(): number {
    return this.#backoff.remaining();
  }

  /** A holder's last call has ended. If others wait for a connection, the one idle longest gives up its own. */
  settled(): void {
    if (this.#waiting.length > 0) void this.#longestIdle()?.sleep();
  }

  /** Whether it has no connection because nobody needs one. */
  get rests(): boolean {
    return this.#rests && this.#seats.size === 0;
  }

  /** Ends the spare, and keeps none until somebody needs a connection. */
  async rest(): Promise<void> {
    this.#rests = true;
    const spare = this.#takeSpare();
    if (spare) await this.release(spare, "nobody needs it");
  }

  /** Ends all connections and refuses those who wait for one. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#warming);
    clearInterval(this.#sweeper);
    for (const { reject } of this.#waiting.splice(0)) reject(new GatewayError("shutting-down"));
    await Promise.all([...this.#seats].map((seat) => this.release(seat, "the gateway shuts down")));
  }

  #endIdle(oldest: number): void {
    for (const { holder } of this.#seats) if ((holder?.restsSince ?? Infinity) < oldest) void holder!.sleep();
    if (!this.#rests && this.#lastLease < oldest && this.#seats.size === (this.#spare ? 1 : 0)) void this.rest();
  }

  #takeSpare(): Seat | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  /** The spare has the service's own secret. */
  #seatFor(holder: Holder | undefined): Seat | undefined {
    const credential = holder?.credential;
    return (credential === undefined ? this.#takeSpare() : undefined) ?? this.#openSeat(credential);
  }

  /** All seats are taken: the spare ends, which whoever waits has no use for, or else the holder sleeps that is idle longest. */
  #makeRoom(): void {
    const spare = this.#takeSpare();
    if (spare) void this.release(spare, "its place is needed");
    else void this.#longestIdle()?.sleep();
  }

  #openSeat(credential?: string): Seat | undefined {
    if (this.#stopped || this.#seats.size >= this.#options.max) return undefined;
    const ended = (seat: Seat, closed: LinkClosed) => this.#seatEnded(seat, closed);
    const seat = new Seat(this.#open, this.#options, this.#log, { credential, ended });
    if (!seat.connection.closed) this.#seats.add(seat);
    return seat;
  }

  #seatEnded(seat: Seat, closed: LinkClosed): void {
    this.#log.warn(
      {
        child: seat.connection?.label,
        reason: closed.reason,
        hint: seat.proven ? undefined : closed.hint,
        lastStderr: closed.lastStderr,
      },
      "server ended by itself",
    );
    if (this.#spare === seat) return this.#spareEnded(seat);
    // What a caller's own secret does to a server says nothing of the service.
    if (seat.credential !== undefined) return this.#forget(seat);
    this.#lastEnd = closed;
    if (!seat.proven) this.#backoff.failed();
    this.#forget(seat);
    this.#onUnexpectedEnd(closed);
  }

  /** Some servers exit when no client talks to them. That is not a failed start; the next session brings a new spare. */
  #spareEnded(seat: Seat): void {
    this.#spare = undefined;
    this.#seats.delete(seat);
    this.#serveWaiting();
  }

  #forget(seat: Seat): void {
    this.#seats.delete(seat);
    this.#serveWaiting();
    this.#warmSoon();
  }

  #serveWaiting(): void {
    while (this.#waiting.length > 0) {
      const seat = this.#seatFor(this.#waiting[0]!.holder);
      if (!seat) return;
      const { resolve, holder } = this.#waiting.shift()!;
      resolve(occupy(seat, holder));
    }
  }

  #queue(holder: Holder | undefined): Promise<Seat> {
    const { promise, resolve, reject } = deferred<Seat>();
    const waiter = { holder, resolve, reject };
    this.#waiting.push(waiter);
    const { service, max: limit } = this.#options;
    const late = () => this.#stopWaiting(waiter, new GatewayError("too-many-children", { service, limit }));
    const timer = setTimeout(late, QUEUE_TIMEOUT);
    return promise.finally(() => clearTimeout(timer));
  }

  #stopWaiting(waiter: Waiter, reason: GatewayError): void {
    this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    waiter.reject(reason);
  }

  #longestIdle(): Holder | undefined {
    let longestIdle: Holder | undefined;
    for (const { holder } of this.#seats) {
      if (holder?.idleSince === undefined) continue;
      if (longestIdle?.idleSince === undefined || holder.idleSince < longestIdle.idleSince) longestIdle = holder;
    }
    return longestIdle;
  }

  async #waitOutBackoff(): Promise<void> {
    const wait = this.#backoff.remaining();
    if (wait === 0) return;
    if (wait <= MAX_START_DELAY) return sleep(wait);
    throw startDelayed(this.#options.service, this.#lastEnd, wait);
  }

  /** Does nothing while starts fail; `proven` calls it again. */
  #warmSoon(): void {
    if (!this.#options.warm || this.#rests || this.#stopped || this.#warming || this.#spare || this.#backoff.failing)
      return;
    this.#warming = setTimeout(() => {
      this.#warming = undefined;
      if (!this.#rests && !this.#spare && this.#waiting.length === 0) this.#spare = this.#openSeat();
    }, WARM_DELAY);
    this.#warming.unref();
  }
}

function occupy(seat: Seat, holder: Holder | undefined): Seat {
  seat.holder = holder;
  return seat;
}
