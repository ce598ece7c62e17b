/** Isolation `session`: every session has a server of its own, leased from a pool. */
import { setTimeout as sleep } from "node:timers/promises";
import { handshake, withHint } from "../../bridge/handshake.ts";
import { listTools } from "../../bridge/list-tools.ts";
import type { OpenLink } from "../../bridge/link.ts";
import { ConnectionPool, type Seat } from "../../bridge/pool.ts";
import { startFailed } from "../../bridge/start-failed.ts";
import type { Tools } from "../../bridge/tools.ts";
import { type GatewayError, toGatewayError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { UNKNOWN, type Backend, type Lane, type LaneClient, type ServerLife } from "./contract.ts";
import { PerSessionLane, type PerSessionOptions } from "./per-session-lane.ts";
import { started } from "./first-start.ts";
import { Readiness } from "./readiness.ts";
import { statusAfter } from "./supervisor.ts";
import { WatchedStatus } from "./watched-status.ts";

/** A service whose sessions have a server each. */
export class PerSessionBackend implements Backend {
  readonly supervisor: PoolSupervisor;
  readonly #options: PerSessionOptions;

  constructor(open: OpenLink, options: PerSessionOptions, log: Logger) {
    this.supervisor = new PoolSupervisor(open, options, log);
    this.#options = options;
  }

  lane(client: LaneClient, ended: (reason: GatewayError) => void): Lane {
    const started = () => this.supervisor.sessionStarted();
    return new PerSessionLane(this.supervisor.pool, this.#options, client, { started, ended });
  }
}

/** Milliseconds until a server that could not list its tools is asked again; doubled each time, up to the second. */
const LIST_PAUSE = { first: 5_000, longest: 300_000 };

/** Watches a pool: ready once one server has shown that it can start, until one ends by itself. */
class PoolSupervisor extends WatchedStatus implements ServerLife {
  readonly pool: ConnectionPool;
  hasServed = false;
  restarts = 0;
  readonly #options: PerSessionOptions;
  readonly #log: Logger;
  readonly #readiness = new Readiness(() => this.#proveNow());
  #listPause = LIST_PAUSE.first / 2;
  #proving: Promise<void> | undefined;
  #stopped = false;

  constructor(open: OpenLink, options: PerSessionOptions, log: Logger) {
    super();
    this.#options = options;
    this.#log = log;
    this.pool = new ConnectionPool(open, options, log, ({ reason }) => {
      this.restarts++;
      this.#doubt(reason);
    });
  }

  get children(): number {
    return this.pool.size;
  }

  get rests(): boolean {
    return this.pool.rests;
  }

  rest(): Promise<void> {
    return this.pool.rest();
  }

  async start(): Promise<void> {
    await this.#prove();
    if (!this.status.ready) this.#doubt();
  }

  measure(): Promise<void> {
    return this.#options.remote ? this.#readiness.measure() : Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.pool.stop();
  }

  /** A session's server has started, which proves as much as a server of our own would. */
  sessionStarted(): void {
    this.status = { ...this.status, ready: true, error: undefined, refused: false };
    this.hasServed = true;
  }

  /** A server ended by itself: the service is not ready until another has shown that it can start. @param why it ended */
  #doubt(why = this.status.error): void {
    if (this.#stopped || this.#proving) return;
    this.status = { ...this.status, ready: false, error: why };
    this.#proving = this.#proveUntilReady().finally(() => (this.#proving = undefined));
  }

  /** Opens a session and ends it: those of clients may be lost without the upstream being so. */
  async #proveNow(): Promise<void> {
    if (this.#stopped || this.#proving || this.pool.size >= this.#options.max) return;
    this.#proving = this.#prove(this.status.tools).finally(() => (this.#proving = undefined));
    await this.#proving;
    if (!this.status.ready) this.#doubt();
  }

  async #proveUntilReady(): Promise<void> {
    while (!this.#stopped && !this.status.ready) {
      await sleep(Math.max(this.pool.startDelay, 10), undefined, { ref: false });
      if (!this.#stopped) await this.#prove();
    }
  }

  /** @param known the tools, if they need not be listed */
  async #prove(known?: Tools): Promise<void> {
    const { service } = this.#options;
    let seat: Seat | undefined;
    try {
      seat = await this.pool.lease(undefined);
      const { tools, version } = await started(handshake(seat.connection), this.#options, this.hasServed, this.#log);
      if (!known) await listTools(tools, seat.connection, this.#log);
      if (seat.connection.closed) throw startFailed(service, seat.connection.closed);
      this.status = { ...UNKNOWN, ready: true, tools: known ?? tools, version };
      this.hasServed = true;
      this.pool.proven(seat);
      if (!known && tools.count === undefined) this.#listLater();
    } catch (error) {
      this.#notProven(seat ? withHint(error, seat.connection) : toGatewayError(error), seat);
    }
    if (seat) void this.pool.release(seat, "it has shown that it can start"); // nobody need wait for its end
  }

  /** The server that did not list its tools is given back, so another one is asked; not while sessions need all of them. */
  #listLater(): void {
    this.#listPause = Math.min(this.#listPause * 2, LIST_PAUSE.longest);
    const later = setTimeout(() => {
      if (this.#stopped || this.status.tools?.count !== undefined) return;
      if (this.#proving || this.pool.size >= this.#options.max) return this.#listLater();
      this.#proving = this.#prove().finally(() => (this.#proving = undefined));
    }, this.#listPause);
    later.unref();
  }

  #notProven(error: GatewayError, seat: Seat | undefined): void {
    if (error.name === "too-many-children") return; // all are busy: nothing was tried
    this.status = statusAfter(error, seat?.connection);
    if (seat && !seat.connection.closed) this.pool.failed(seat, error);
  }
}
