/**
 * The connections of one service that gives every session a server of its own: a warm spare so that opening a session
 * costs no process start, a cap, and who is put to sleep when the cap is reached. Knows nothing of sessions or HTTP.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../errors.ts";
import type { Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import { Backoff, PATIENCE } from "./backoff.ts";
import { heldBack } from "./handshake.ts";
import type { LinkClosed, OpenLink } from "./link.ts";
import { Connection, type ConnectionEvents, type ConnectionOptions } from "./connection.ts";

/** Who holds a connection. */
export interface Holder extends ConnectionEvents {
  /** When its last call ended (performance.now()), or undefined when it may not be put to sleep now. */
  readonly idleSince: number | undefined;
  /** Gives its connection back; it will lease another when it needs one. */
  sleep(): Promise<void>;
}

export interface PoolOptions extends ConnectionOptions {
  /** Connections at most, the spare among them. */
  readonly max: number;
  /** Whether to keep one connection ready. */
  readonly warm: boolean;
}

/** How long a lease may wait for a connection when all are taken, in milliseconds. */
const QUEUE_TIME = 10_000;
/** The spare is started when the session that took the last one has been answered: a process start blocks for milliseconds. */
const WARM_DELAY = 25;

interface Waiter {
  readonly holder: Holder;
  readonly resolve: (seat: Seat) => void;
  readonly reject: (reason: GatewayError) => void;
}

/** A connection and who holds it now. The spare has no holder, and what it says before it has one is nobody's. */
export class Seat implements ConnectionEvents {
  readonly connection: Connection;
  holder: Holder | undefined;
  /** Whether the server has shown that it can start. What ends it later is no failed start. */
  proven = false;
  readonly #ended: (seat: Seat, closed: LinkClosed) => void;

  constructor(
    open: OpenLink,
    options: ConnectionOptions,
    log: Logger,
    ended: (seat: Seat, closed: LinkClosed) => void,
  ) {
    this.#ended = ended;
    this.connection = new Connection(open, options, this, log);
  }

  notification(message: Message): void {
    this.holder?.notification(message);
  }

  request(message: Message): void {
    this.holder?.request(message);
  }

  closed(closed: LinkClosed): void {
    this.#ended(this, closed);
    this.holder?.closed(closed);
  }
}

/** The connections of one service. Every one is lent to one holder at a time; a spare one waits for the next. */
export class ConnectionPool {
  readonly #open: OpenLink;
  readonly #options: PoolOptions;
  readonly #log: Logger;
  readonly #onUnexpectedEnd: () => void;
  readonly #backoff = new Backoff();
  readonly #seats = new Set<Seat>();
  readonly #waiting: Waiter[] = [];
  /** Holders that want no connection any longer. */
  readonly #gone = new WeakSet<Holder>();
  #spare: Seat | undefined;
  #warming: NodeJS.Timeout | undefined;
  #lastEnd: LinkClosed | undefined;
  #stopped = false;

  /** @param onUnexpectedEnd a connection ended by itself */
  constructor(open: OpenLink, options: PoolOptions, log: Logger, onUnexpectedEnd: () => void) {
    this.#open = open;
    this.#options = options;
    this.#log = log;
    this.#onUnexpectedEnd = onUnexpectedEnd;
  }

  /** How many connections there are, the spare among them. */
  get size(): number {
    return this.#seats.size;
  }

  /**
   * A connection for a holder: the spare, a new one, or that of the holder that has been idle longest.
   * @throws GatewayError `too-many-children` when none comes free in time, `child-start-failed` while starts keep failing
   */
  async lease(holder: Holder): Promise<Seat> {
    await this.#waitOutBackoff();
    if (this.#stopped) throw new GatewayError("shutting-down");
    if (this.#gone.has(holder)) throw new GatewayError("session-not-found");
    const seat = this.#takeSpare() ?? this.#openSeat();
    if (seat) return occupy(seat, holder);
    void this.#idlest()?.sleep();
    return this.#queue(holder);
  }

  /** Ends a connection and gives its place to whoever waits. */
  async release(seat: Seat, reason: string): Promise<void> {
    seat.holder = undefined;
    await seat.connection.close(reason);
    this.#forget(seat);
  }

  /** A holder needs no connection any longer. */
  withdraw(holder: Holder): void {
    this.#gone.add(holder);
    const waiter = this.#waiting.find((waiting) => waiting.holder === holder);
    if (waiter) this.#stopWaiting(waiter, new GatewayError("session-not-found"));
  }

  /** A connection turned out to work: starting is possible again. */
  proven(seat: Seat): void {
    seat.proven = true;
    this.#backoff.succeeded();
    this.#warmSoon();
  }

  /** A connection turned out not to work although it did not end by itself. */
  failed({ label, lastStderr = "" }: Connection): void {
    this.#log.warn({ child: label, lastStderr }, "server does not answer");
    this.#lastEnd = { reason: "it does not answer", lastStderr };
    this.#backoff.failed();
  }

  /** Milliseconds until a start is tried again; 0 when it is not held back. */
  get holdBack(): number {
    return this.#backoff.remaining();
  }

  /** A holder's last call ended; if others wait for a connection, it gives its own away. */
  settled(): void {
    if (this.#waiting.length > 0) void this.#idlest()?.sleep();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#warming);
    for (const { reject } of this.#waiting.splice(0)) reject(new GatewayError("shutting-down"));
    await Promise.all([...this.#seats].map((seat) => this.release(seat, "the gateway shuts down")));
  }

  #takeSpare(): Seat | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  #openSeat(): Seat | undefined {
    if (this.#stopped || this.#seats.size >= this.#options.max) return undefined;
    const seat = new Seat(this.#open, this.#options, this.#log, (ended, closed) => this.#seatEnded(ended, closed));
    if (!seat.connection.closed) this.#seats.add(seat);
    return seat;
  }

  #seatEnded(seat: Seat, closed: LinkClosed): void {
    this.#log.warn(
      { child: seat.connection?.label, reason: closed.reason, lastStderr: closed.lastStderr },
      "server ended by itself",
    );
    if (this.#spare === seat) return this.#spareEnded(seat);
    this.#lastEnd = closed;
    if (!seat.proven) this.#backoff.failed();
    this.#forget(seat);
    this.#onUnexpectedEnd();
  }

  /** Some servers do not wait long for a client. That says nothing about their start; the next session gets a new spare. */
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
      const seat = this.#takeSpare() ?? this.#openSeat();
      if (!seat) return;
      const { resolve, holder } = this.#waiting.shift()!;
      resolve(occupy(seat, holder));
    }
  }

  #queue(holder: Holder): Promise<Seat> {
    const { promise, resolve, reject } = Promise.withResolvers<Seat>();
    const waiter = { holder, resolve, reject };
    this.#waiting.push(waiter);
    const { service, max: limit } = this.#options;
    const late = () => this.#stopWaiting(waiter, new GatewayError("too-many-children", { service, limit }));
    const timer = setTimeout(late, QUEUE_TIME);
    return promise.finally(() => clearTimeout(timer));
  }

  #stopWaiting(waiter: Waiter, reason: GatewayError): void {
    this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    waiter.reject(reason);
  }

  #idlest(): Holder | undefined {
    let idlest: Holder | undefined;
    for (const { holder } of this.#seats) {
      if (holder?.idleSince === undefined) continue;
      if (idlest?.idleSince === undefined || holder.idleSince < idlest.idleSince) idlest = holder;
    }
    return idlest;
  }

  async #waitOutBackoff(): Promise<void> {
    const wait = this.#backoff.remaining();
    if (wait === 0) return;
    if (wait <= PATIENCE) return sleep(wait);
    throw heldBack(this.#options.service, this.#lastEnd?.reason, wait);
  }

  /** While starts fail there is nothing to keep warm; `proven` comes back here. */
  #warmSoon(): void {
    if (!this.#options.warm || this.#stopped || this.#warming || this.#spare || this.#backoff.failing) return;
    this.#warming = setTimeout(() => {
      this.#warming = undefined;
      if (!this.#spare && this.#waiting.length === 0) this.#spare = this.#openSeat();
    }, WARM_DELAY);
    this.#warming.unref();
  }
}

function occupy(seat: Seat, holder: Holder): Seat {
  seat.holder = holder;
  return seat;
}
