/** A server that many share: started when it is needed, and again whenever it ends. */
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff, MAX_START_DELAY } from "../../bridge/backoff.ts";
import {
  Connection,
  type Caller,
  type ConnectionEvents,
  type ConnectionOptions,
  type UnrunCall,
} from "../../bridge/connection.ts";
import { failureOf, isRefusal, levelFor, startDelayed, withHint, type Handshake } from "../../bridge/handshake.ts";
import { sweepIdle } from "../../bridge/idle-sweep.ts";
import { DISCOVER, whyNotModern } from "../../bridge/modern-handshake.ts";
import { listTools } from "../../bridge/list-tools.ts";
import type { LinkClosed, OpenLink } from "../../bridge/link.ts";
import { startFailed, type StartFailure } from "../../bridge/start-failed.ts";
import { GatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import { UNKNOWN, type ServerLife, type Status } from "./contract.ts";
import { started, type StartLimits } from "./first-start.ts";
import { ping, PING_TIME, Readiness, type Answered } from "./readiness.ts";
import { WaitingCalls } from "./waiting-calls.ts";
import { WatchedStatus } from "./watched-status.ts";

export interface SupervisorOptions extends ConnectionOptions, StartLimits {
  readonly startTimeout: number;
  /** Whether the first start only finds out whether the server is of this era, so that its failure is no fault. @default false */
  readonly tentative?: boolean;
  /** Whether the server may go away without a sign, as an upstream does. @default false */
  readonly remote?: boolean;
  /** Milliseconds without a call after which the server ends until the next one. @default - never */
  readonly stopAfter?: number | undefined;
}

/** A server that is up. */
export interface RunningServer<R> {
  readonly connection: Connection;
  /** What it answered in the handshake. */
  readonly result: R;
}

/** What the supervisor asks and tells of the server that it supervises. */
export interface Supervised<R> {
  /** The first exchange with a new server. @throws when it cannot serve */
  handshake(connection: Connection): Promise<Handshake<R>>;
  /** A new server is up, and must be told what the one before knew. */
  started(connection: Connection): void;
  notification(message: Message): void;
  /** Whether somebody waits for what the server says by itself. */
  readonly isListenedTo: boolean;
  request(message: Message, connection: Connection): void;
}

/** Keeps one server running. @typeParam R what the server answers in the handshake */
export class Supervisor<R> extends WatchedStatus implements ConnectionEvents, ServerLife {
  readonly options: SupervisorOptions;
  hasServed = false;
  restarts = 0;
  readonly #open: OpenLink;
  readonly #supervised: Supervised<R>;
  readonly #log: Logger;
  readonly #backoff = new Backoff();
  /** Calls that wait for the next server, because the one before has lost the session. */
  readonly #takenBack = new WaitingCalls<Caller>();
  readonly #readiness = new Readiness(() => this.#ping());
  #connection: Connection | undefined;
  #running: RunningServer<R> | undefined;
  #starting: Promise<RunningServer<R>> | undefined;
  /** The end of the server before, where the next one may not run beside it. */
  #ending: Promise<void> | undefined;
  #stopped = false;
  #rests = false;
  #sweeper: NodeJS.Timeout | undefined;
  /** Why the server is not up. */
  #lastFailure: StartFailure | undefined;

  constructor(open: OpenLink, options: SupervisorOptions, supervised: Supervised<R>, log: Logger) {
    super();
    this.#open = open;
    this.options = options;
    this.#supervised = supervised;
    this.#log = log;
    const { stopAfter } = options;
    if (stopAfter !== undefined) this.#sweeper = sweepIdle(stopAfter, (oldest) => this.#endIdle(oldest));
  }

  get children(): number {
    return this.#connection && !this.#connection.closed ? 1 : 0;
  }

  /** The server while it is up; calls need not wait then. */
  get running(): RunningServer<R> | undefined {
    return this.#running;
  }

  /** Resolves when the server is up or has failed once; after a failure it keeps trying. */
  async start(): Promise<void> {
    await this.up().catch(() => {}); // the status says why
    if (!this.status.ready) void this.#keepStarting();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#sweeper);
    this.#running = undefined; // calls that wait for their turn never run
    this.#takenBack.cancelAll(new GatewayError("shutting-down"));
    await this.#connection?.close("the gateway shuts down");
  }

  /** The server, started if need be. @throws GatewayError `child-start-failed`, `initialize-refused` */
  up(): Promise<RunningServer<R>> {
    if (this.#running) return Promise.resolve(this.#running);
    if (this.#stopped) return Promise.reject(new GatewayError("shutting-down"));
    this.#rests = false;
    const wait = this.#backoff.remaining();
    if (wait > MAX_START_DELAY && !this.#starting) {
      return Promise.reject(startDelayed(this.options.service, this.#lastFailure, wait));
    }
    this.#starting ??= this.#startServer(wait).finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  measure(): Promise<void> {
    return this.options.remote ? this.#readiness.measure() : Promise.resolve();
  }

  get rests(): boolean {
    return this.#rests;
  }

  async rest(): Promise<void> {
    const connection = this.#running?.connection;
    if (!connection) return;
    this.#rests = true;
    this.#running = undefined;
    this.#ending = connection.close("nobody needs it");
    await this.#ending;
  }

  #endIdle(oldest: number): void {
    const idleSince = this.#running?.connection.idleSince;
    if (idleSince === undefined || idleSince > oldest || this.#supervised.isListenedTo) return;
    void this.rest();
  }

  /** Ends the server and starts a new one; calls wait for that one. */
  restart(why: string): void {
    if (this.#startAgain(why)) this.status = { ...this.status, ready: false };
  }

  /** The service stays ready: the server has just served, and calls wait for the next one. One that does not start says so. */
  renew(): void {
    this.#startAgain("another gateway executed calls before");
  }

  /** @returns whether there was one to end */
  #startAgain(why: string): boolean {
    const connection = this.#running?.connection;
    if (!connection) return false;
    this.#running = undefined;
    this.#ending = connection.close(`the server is restarted: ${why}`);
    void this.#keepStarting();
    return true;
  }

  notification(message: Message): void {
    this.#supervised.notification(message);
  }

  request(message: Message): void {
    if (this.#connection) this.#supervised.request(message, this.#connection);
  }

  /** Cancels a call on the running server, or one that waits for the next. */
  cancel(caller: Caller, reason: GatewayError): void {
    if (!this.#takenBack.cancel(caller, reason)) this.#running?.connection.cancel(caller, reason);
  }

  /** Runs a call on the next server. */
  takeBack({ message, caller, settled }: UnrunCall): boolean {
    if (this.#stopped) return false;
    const run = ({ connection }: RunningServer<R>) => connection.call(message, caller, settled);
    void this.#takenBack.add(caller, this.up(), { bytes: message.text.length, run, skipped: settled });
    return true;
  }

  closed({ reason, hint: diagnosis, lastStderr }: LinkClosed): void {
    const hint = this.#running ? undefined : diagnosis;
    this.#log[this.#isTentative ? "debug" : "warn"](
      { child: this.#connection?.label, reason, hint, lastStderr },
      "server ended by itself",
    );
    this.restarts++;
    this.#backoff.failed();
    this.status = { ...this.status, ready: false, error: reason };
    this.#lastFailure = { reason, hint };
    if (!this.#running) return; // it was starting: whoever started it tries again
    this.#running = undefined;
    void this.#keepStarting();
  }

  async #ping(): Promise<void> {
    const running = this.#running;
    const answered = running && (await this.#askAnything(running.connection));
    if (!running || running !== this.#running) return; // being started, which sets the status
    const { reason: error, isRefusal: refused } = answered as Answered;
    if (this.status.ready === (error === undefined)) {
      if (refused) this.status = { ...this.status, refused }; // it is asked what it is, each time
      return;
    }
    this.#log.warn(
      { child: running.connection.label, reason: error },
      error ? "server does not answer" : "server answers again",
    );
    this.status = { ...this.status, ready: error === undefined, error, refused };
  }

  /** A modern server that refuses to say what it is has come back as another: a new start shows as which. */
  async #askAnything(connection: Connection): Promise<Answered> {
    if (!this.options.modern) return ping(connection);
    const { reason, isRefusal } = await whyNotModern(connection, PING_TIME);
    if (isRefusal) this.restart(`it refuses ${DISCOVER}`);
    return { reason, isRefusal };
  }

  async #keepStarting(): Promise<void> {
    while (!this.#stopped && !this.#running) {
      await sleep(this.#backoff.remaining(), undefined, { ref: false });
      if (!this.#stopped) await this.up().catch(() => {});
    }
  }

  async #startServer(wait: number): Promise<RunningServer<R>> {
    await Promise.all([this.#ending, sleep(wait)]);
    if (this.#stopped) throw new GatewayError("shutting-down");
    const { service } = this.options;
    const connection = new Connection(this.#open, this.options, this, this.#log);
    this.#connection = connection;
    try {
      const shown = await started(this.#supervised.handshake(connection), this.options, this.hasServed, this.#log);
      await listTools(shown.tools, connection, this.#log);
      if (connection.closed) throw startFailed(service, connection.closed);
      return this.#started(connection, shown);
    } catch (error) {
      const failure = withHint(error, connection);
      if (!connection.closed) this.#startFailed(connection, failure);
      this.status = statusAfter(failure, connection);
      await connection.close("its start failed");
      throw failure;
    }
  }

  #started(connection: Connection, { result, tools, version }: Handshake<R>): RunningServer<R> {
    this.#running = { connection, result };
    this.#lastFailure = undefined;
    this.hasServed = true;
    this.status = { ...UNKNOWN, ready: true, tools, version };
    this.#backoff.succeeded();
    this.#supervised.started(connection);
    return this.#running;
  }

  get #isTentative(): boolean {
    return this.options.tentative === true && !this.hasServed;
  }

  #startFailed({ label, lastStderr }: Connection, error: GatewayError): void {
    const failure = failureOf(error);
    const known = failure.reason === this.#lastFailure?.reason;
    this.#log[this.#isTentative || known ? "debug" : levelFor(error)](
      { child: label, ...failure, lastStderr },
      "server did not start",
    );
    this.#lastFailure = failure;
    this.#backoff.failed();
  }
}

/** The status of a server whose start failed. */
export function statusAfter(error: GatewayError, connection: Connection | undefined): Status {
  const refused = isRefusal(error);
  return { ...UNKNOWN, error: error.operator ?? error.message, lastStderr: connection?.lastStderr, refused };
}
