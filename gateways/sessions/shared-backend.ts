/** Isolation `shared`: all sessions of a service share one server. Knows nothing of HTTP. */
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff, PATIENCE } from "../bridge/backoff.ts";
import { getToKnow, heldBack, withinStart, type Introduction } from "../bridge/introduce.ts";
import type { LinkClosed, OpenLink } from "../bridge/link.ts";
import { Peer, type PeerEvents, type PeerOptions } from "../bridge/peer.ts";
import { SerialQueue } from "../bridge/serial-queue.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { answer, errorAnswer, type Message } from "../jsonrpc.ts";
import type { Logger } from "../log.ts";
import { UNKNOWN, type Backend, type Condition, type Lane } from "./lane.ts";
import type { Session } from "./session.ts";
import { SharedLane, uriOf } from "./shared-lane.ts";

export interface SharedOptions extends PeerOptions {
  readonly startTimeout: number;
  /** Whether the server is given one call at a time. */
  readonly serial: boolean;
}

/** The server that all sessions share, once it is up. */
export interface SharedServer {
  readonly peer: Peer;
  readonly introduction: Introduction;
}

/** A service whose sessions share one server, which is started again whenever it ends. */
export class SharedBackend implements Backend, PeerEvents {
  readonly options: SharedOptions;
  /** Calls wait here for each other when the service is serial. */
  readonly queue: SerialQueue | undefined;
  readonly lanes = new Set<SharedLane>();
  condition: Condition = UNKNOWN;
  readonly #open: OpenLink;
  readonly #log: Logger;
  readonly #backoff = new Backoff();
  #peer: Peer | undefined;
  #server: SharedServer | undefined;
  #starting: Promise<SharedServer> | undefined;
  /** The end of the server before, where the next one may not run beside it. */
  #ending: Promise<void> | undefined;
  #stopped = false;
  /** Why the server is not up, in a few words. */
  #lastFailure: string | undefined;

  constructor(open: OpenLink, options: SharedOptions, log: Logger) {
    this.#open = open;
    this.options = options;
    this.#log = log;
    this.queue = options.serial ? new SerialQueue() : undefined;
  }

  get children(): number {
    return this.#peer && !this.#peer.closed ? 1 : 0;
  }

  /** The server while it is up; calls need not wait then. */
  get server(): SharedServer | undefined {
    return this.#server;
  }

  async start(): Promise<void> {
    await this.up().catch(() => {}); // the condition says why
    if (!this.condition.ready) void this.#keepStarting();
  }

  lane(session: Session): Lane {
    return new SharedLane(this, session);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#server = undefined; // what still waits for its turn never runs
    await this.#peer?.close("the gateway shuts down");
  }

  /** The server, started if need be. @throws GatewayError `child-start-failed` */
  up(): Promise<SharedServer> {
    if (this.#server) return Promise.resolve(this.#server);
    if (this.#stopped) return Promise.reject(new GatewayError("shutting-down"));
    const wait = this.#backoff.remaining();
    if (wait > PATIENCE && !this.#starting) {
      return Promise.reject(heldBack(this.options.service, this.#lastFailure, wait));
    }
    this.#starting ??= this.#startServer(wait).finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  /** A call that did not end in time may still be running: only a new server surely runs one at a time. */
  restart(): void {
    const peer = this.#server?.peer;
    if (!peer) return;
    this.#server = undefined;
    this.condition = { ...this.condition, ready: false };
    this.#ending = peer.close("the server is restarted because a call did not end");
    void this.#keepStarting();
  }

  /** News for everybody, or for who subscribed; what cannot be told apart (logs, a call's messages) is nobody's. */
  notification(message: Message): void {
    if (message.method.endsWith("/list_changed")) for (const lane of this.lanes) lane.tellClient(message);
    else if (message.method === "notifications/resources/updated") {
      const uri = uriOf(message);
      for (const lane of this.lanes) if (uri !== undefined && lane.subscriptions.has(uri)) lane.tellClient(message);
    } else this.#log.debug({ method: message.method }, "dropped: a shared server's message has no one addressee");
  }

  /** MCP 2025-11-25, Lifecycle: no client capability was declared, so the server may ask for nothing but `ping`. */
  request(message: Message): void {
    const id = message.id as string;
    const { code, message: text } = new GatewayError("shared-child", { method: message.method });
    this.#peer?.send(message.method === "ping" ? answer(id, {}) : errorAnswer(id, code, text));
  }

  closed({ reason, lastWords }: LinkClosed): void {
    this.#log.warn({ child: this.#peer?.label, reason, lastWords }, "server ended by itself");
    this.#backoff.failed();
    this.condition = { ...this.condition, ready: false, error: reason };
    this.#lastFailure = reason;
    if (!this.#server) return; // it was being started: whoever started it goes on
    this.#server = undefined;
    void this.#keepStarting();
  }

  /** Calls of the sessions that hold, to be repeated on a new server: one subscription for each uri. */
  #resubscribe(peer: Peer): void {
    const all = new Map([...this.lanes].flatMap((lane) => [...lane.subscriptions]));
    for (const message of all.values()) peer.call(message, { answer: () => {}, message: () => {}, fail: () => {} });
  }

  async #keepStarting(): Promise<void> {
    while (!this.#stopped && !this.#server) {
      await sleep(this.#backoff.remaining(), undefined, { ref: false });
      if (!this.#stopped) await this.up().catch(() => {});
    }
  }

  async #startServer(wait: number): Promise<SharedServer> {
    await Promise.all([this.#ending, sleep(wait)]);
    if (this.#stopped) throw new GatewayError("shutting-down");
    const { service, startTimeout } = this.options;
    const peer = new Peer(this.#open, this.options, this, this.#log);
    this.#peer = peer;
    try {
      const { introduction, tools } = await withinStart(getToKnow(peer), startTimeout, service);
      if (peer.closed) throw new GatewayError("child-start-failed", { service, reason: peer.closed.reason });
      this.#server = { peer, introduction };
      this.condition = { ...UNKNOWN, ready: true, tools, version: introduction.serverInfo?.version };
      this.#backoff.succeeded();
      this.#resubscribe(peer);
      return this.#server;
    } catch (error) {
      if (!peer.closed) this.#doesNotAnswer(peer);
      this.condition = { ...UNKNOWN, error: toGatewayError(error).message, lastWords: peer.lastWords };
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
