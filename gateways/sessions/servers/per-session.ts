/** Isolation `session`: every session has a server of its own, lent from a pool. Knows nothing of HTTP. */
import { setTimeout as sleep } from "node:timers/promises";
import { handshake, withinStart } from "../../bridge/handshake.ts";
import type { OpenLink } from "../../bridge/link.ts";
import { ConnectionPool, type Holder, type Seat } from "../../bridge/pool.ts";
import { toGatewayError, type GatewayError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { UNKNOWN, type Backend, type Status, type Lane, type LaneClient } from "./contract.ts";
import { failed } from "./supervisor.ts";
import { PerSessionLane, type PerSessionOptions } from "./per-session-lane.ts";

/** A service whose sessions have a server each. Ready when one has shown that it can start, and not ended since. */
export class PerSessionBackend implements Backend {
  readonly pool: ConnectionPool;
  readonly options: PerSessionOptions;
  status: Status = UNKNOWN;
  hasServed = false;
  #proving: Promise<void> | undefined;
  #stopped = false;

  constructor(open: OpenLink, options: PerSessionOptions, log: Logger) {
    this.options = options;
    this.pool = new ConnectionPool(open, options, log, () => this.#doubt());
  }

  get children(): number {
    return this.pool.size;
  }

  async start(): Promise<void> {
    await this.#prove();
    if (!this.status.ready) this.#doubt();
  }

  lane(client: LaneClient, ended: (reason: GatewayError) => void): Lane {
    return new PerSessionLane(this.pool, this.options, client, { started: () => this.#sessionStarted(), ended });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.pool.stop();
  }

  /** A server ended by itself: the service is not ready until another has shown that it can start. */
  #doubt(): void {
    if (this.#stopped || this.#proving) return;
    this.status = { ...this.status, ready: false };
    this.#proving = this.#proveUntilReady().finally(() => (this.#proving = undefined));
  }

  async #proveUntilReady(): Promise<void> {
    while (!this.#stopped && !this.status.ready) {
      await sleep(Math.max(this.pool.startDelay, 10), undefined, { ref: false });
      if (!this.#stopped) await this.#prove();
    }
  }

  async #prove(): Promise<void> {
    const { startTimeout, service } = this.options;
    let seat: Seat | undefined;
    try {
      seat = await this.pool.lease(nobody);
      const { tools, version } = await withinStart(handshake(seat.connection), startTimeout, service);
      this.status = { ...UNKNOWN, ready: true, tools, version };
      this.hasServed = true;
      this.pool.proven(seat);
    } catch (error) {
      this.#notProven(toGatewayError(error), seat);
    }
    if (seat) void this.pool.release(seat, "it has shown that it can start"); // nobody need wait for its end
  }

  #notProven(error: GatewayError, seat: Seat | undefined): void {
    if (error.name === "too-many-children") return; // all are busy: nothing was tried
    this.status = failed(error, seat?.connection);
    if (seat && !seat.connection.closed) this.pool.failed(seat.connection);
  }

  /** A session's server has started, which shows as much. */
  #sessionStarted(): void {
    this.status = { ...this.status, ready: true, error: undefined, refused: false };
    this.hasServed = true;
  }
}

/** Holds the connection that only shows that the server can start. */
const nobody: Holder = {
  idleSince: undefined,
  sleep: async () => {},
  notification: () => {},
  request: () => {},
  closed: () => {},
};
