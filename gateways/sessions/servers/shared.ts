/** Isolation `shared`: all sessions of a service share one server. Knows nothing of HTTP. */
import { handshake, type InitializeResult } from "../../bridge/handshake.ts";
import type { OpenLink } from "../../bridge/link.ts";
import type { Connection } from "../../bridge/connection.ts";
import { SerialQueue } from "../../bridge/serial-queue.ts";
import { GatewayError } from "../../errors.ts";
import { answer, errorAnswer, type Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import type { Backend, Status, Lane, LaneClient } from "./contract.ts";
import { Supervisor, type SupervisorOptions, type Supervised } from "./supervisor.ts";
import { covers } from "../translation/to-legacy/subscriptions.ts";
import { NOBODY, SharedLane, uriOf } from "./shared-lane.ts";

export interface SharedOptions extends SupervisorOptions {
  /** Whether the server is given one call at a time. */
  readonly serial: boolean;
}

/** A service whose sessions share one server, which is started again whenever it ends. */
export class SharedBackend implements Backend, Supervised<InitializeResult> {
  readonly server: Supervisor<InitializeResult>;
  /** Calls wait here for each other when the service is serial. */
  readonly queue: SerialQueue | undefined;
  readonly lanes = new Set<SharedLane>();
  readonly #log: Logger;

  constructor(open: OpenLink, options: SharedOptions, log: Logger) {
    this.server = new Supervisor(open, options, this, log);
    this.queue = options.serial ? new SerialQueue() : undefined;
    this.#log = log;
  }

  get status(): Status {
    return this.server.status;
  }

  get hasServed(): boolean {
    return this.server.hasServed;
  }

  get children(): number {
    return this.server.children;
  }

  start(): Promise<void> {
    return this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  renew(): void {
    this.server.restart("another gateway executed calls before");
  }

  lane(client: LaneClient): Lane {
    return new SharedLane(this, client);
  }

  handshake = handshake;

  /** Calls of the sessions that hold, to be repeated on a new server: one subscription for each uri. */
  started(connection: Connection): void {
    const all = new Map([...this.lanes].flatMap((lane) => [...lane.subscriptions]));
    for (const message of all.values()) connection.call(message, NOBODY);
  }

  /** News for everybody, or for who subscribed; what cannot be told apart (logs, a call's messages) is nobody's. */
  notification(message: Message): void {
    if (message.method.endsWith("/list_changed")) for (const lane of this.lanes) lane.tellClient(message);
    else if (message.method === "notifications/resources/updated") {
      const uri = uriOf(message);
      const hears = (lane: SharedLane) => [...lane.subscriptions.keys()].some((own) => covers(own, uri ?? ""));
      for (const lane of this.lanes) if (hears(lane)) lane.tellClient(message);
    } else this.#log.debug({ method: message.method }, "dropped: a shared server's message has no one addressee");
  }

  /** MCP 2025-11-25, Lifecycle: no client capability was declared, so the server may ask for nothing but `ping`. */
  request(message: Message, connection: Connection): void {
    const id = message.id as string;
    const { code, message: text } = new GatewayError("shared-child", { method: message.method });
    connection.send(message.method === "ping" ? answer(id, {}) : errorAnswer(id, code, text));
  }
}
