/** A server that many share: started when it is needed, and again whenever it ends. Knows nothing of HTTP. */
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff, PATIENCE } from "../../bridge/backoff.ts";
import { heldBack, withinStart, type Acquaintance } from "../../bridge/handshake.ts";
import type { LinkClosed, OpenLink } from "../../bridge/link.ts";
import { Peer, type PeerEvents, type PeerOptions } from "../../bridge/connection.ts";
import { GatewayError, toGatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import { UNKNOWN, type Condition } from "./contract.ts";

export interface LastingOptions extends PeerOptions {
  /** Milliseconds that a server has to show that it can serve. */
  readonly startTimeout: number;
}

/** A server that is up. */
export interface RunningServer<I> {
  readonly peer: Peer;
  readonly introduction: I;
}

/** Those who share the server. */
export interface Sharers<I> {
  /** The first words with a new server. @throws when it cannot serve */
  getToKnow(peer: Peer): Promise<Acquaintance<I>>;
  /** A new server is up: it is to be told what the one before knew. */
  started(peer: Peer): void;
  notification(message: Message): void;
  request(message: Message, peer: Peer): void;
}

/** A server that is started again whenever it ends. @typeParam I what it says of itself */
export class LastingServer<I> implements PeerEvents {
  readonly options: LastingOptions;
  condition: Condition = UNKNOWN;
  hasServed = false;
  readonly #open: OpenLink;
  readonly #sharers: Sharers<I>;
  readonly #log: Logger;
  readonly #backoff = new Backoff();
  #peer: Peer | undefined;
  #running: RunningServer<I> | undefined;
  #starting: Promise<RunningServer<I>> | undefined;
  /** The end of the server before, where the next one may not run beside it. */
  #ending: Promise<void> | undefined;
  #stopped = false;
  /** Why the server is not up, in a few words. */
  #lastFailure: string | undefined;

  constructor(open: OpenLink, options: LastingOptions, sharers: Sharers<I>, log: Logger) {
    this.#open = open;
    this.options = options;
    this.#sharers = sharers;
    this.#log = log;
  }

  get children(): number {
    return this.#peer && !this.#peer.closed ? 1 : 0;
  }

  /** The server while it is up; calls need not wait then. */
  get running(): RunningServer<I> | undefined {
    return this.#running;
  }

  /** Resolves when the server is up or has failed once; then it is tried again and again. */
  async start(): Promise<void> {
    await this.up().catch(() => {}); // the condition says why
    if (!this.condition.ready) void this.#keepStarting();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#running = undefined; // what still waits for its turn never runs
    await this.#peer?.close("the gateway shuts down");
  }

  /** The server, started if need be. @throws GatewayError `child-start-failed`, `initialize-refused` */
  up(): Promise<RunningServer<I>> {
    if (this.#running) return Promise.resolve(this.#running);
    if (this.#stopped) return Promise.reject(new GatewayError("shutting-down"));
    const wait = this.#backoff.remaining();
    if (wait > PATIENCE && !this.#starting) {
      return Promise.reject(heldBack(this.options.service, this.#lastFailure, wait));
    }
    this.#starting ??= this.#startServer(wait).finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  /** Ends the server and starts a new one; calls wait for that one. */
  restart(why: string): void {
    const peer = this.#running?.peer;
    if (!peer) return;
    this.#running = undefined;
    this.condition = { ...this.condition, ready: false };
    this.#ending = peer.close(`the server is restarted: ${why}`);
    void this.#keepStarting();
  }

  notification(message: Message): void {
    this.#sharers.notification(message);
  }

  request(message: Message): void {
    if (this.#peer) this.#sharers.request(message, this.#peer);
  }

  closed({ reason, lastWords }: LinkClosed): void {
    this.#log.warn({ child: this.#peer?.label, reason, lastWords }, "server ended by itself");
    this.#backoff.failed();
    this.condition = { ...this.condition, ready: false, error: reason };
    this.#lastFailure = reason;
    if (!this.#running) return; // it was being started: whoever started it goes on
    this.#running = undefined;
    void this.#keepStarting();
  }

  async #keepStarting(): Promise<void> {
    while (!this.#stopped && !this.#running) {
      await sleep(this.#backoff.remaining(), undefined, { ref: false });
      if (!this.#stopped) await this.up().catch(() => {});
    }
  }

  async #startServer(wait: number): Promise<RunningServer<I>> {
    await Promise.all([this.#ending, sleep(wait)]);
    if (this.#stopped) throw new GatewayError("shutting-down");
    const { service, startTimeout } = this.options;
    const peer = new Peer(this.#open, this.options, this, this.#log);
    this.#peer = peer;
    try {
      const { introduction, tools, version } = await withinStart(this.#sharers.getToKnow(peer), startTimeout, service);
      if (peer.closed) throw new GatewayError("child-start-failed", { service, reason: peer.closed.reason });
      this.#running = { peer, introduction };
      this.hasServed = true;
      this.condition = { ...UNKNOWN, ready: true, tools, version };
      this.#backoff.succeeded();
      this.#sharers.started(peer);
      return this.#running;
    } catch (error) {
      if (!peer.closed) this.#doesNotAnswer(peer);
      this.condition = failed(toGatewayError(error), peer);
      await peer.close("its start failed");
      throw error;
    }
  }

  #doesNotAnswer({ label, lastWords }: Peer): void {
    this.#log.warn({ child: label, lastWords }, "server does not answer");
    this.#lastFailure = "it does not answer";
    this.#backoff.failed();
  }
}

/** What is known of a server whose start failed. */
export function failed(error: GatewayError, peer: Peer | undefined): Condition {
  const refused = error.name === "initialize-refused";
  return { ...UNKNOWN, error: error.message, lastWords: peer?.lastWords, refused };
}
