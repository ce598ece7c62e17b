/** Isolation `shared`: all sessions of a service share one server. */
import type { Connection } from "../../bridge/connection.ts";
import { handshake, type InitializeResult } from "../../bridge/handshake.ts";
import type { OpenLink } from "../../bridge/link.ts";
import { SerialQueue } from "../../bridge/serial-queue.ts";
import { GatewayError } from "../../errors.ts";
import { answer, errorAnswer, type Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import type { Backend, Lane, LaneClient } from "./contract.ts";
import { uriOf } from "./resource-uris.ts";
import { NOBODY, SharedLane, type SharedServer } from "./shared-lane.ts";
import { Subscribers } from "./subscribers.ts";
import { Supervisor, type Supervised, type SupervisorOptions } from "./supervisor.ts";

export interface SharedOptions extends SupervisorOptions {
  /** Whether the server is given one call at a time. */
  readonly serial: boolean;
}

/** A service whose sessions share one server. */
export class SharedBackend implements Backend, SharedServer, Supervised<InitializeResult> {
  readonly supervisor: Supervisor<InitializeResult>;
  readonly queue: SerialQueue | undefined;
  readonly lanes = new Set<SharedLane>();
  readonly subscribers = new Subscribers<SharedLane>();
  readonly subscribing = new Subscribers<SharedLane>();
  readonly #log: Logger;

  constructor(open: OpenLink, options: SharedOptions, log: Logger) {
    this.supervisor = new Supervisor(open, options, this, log);
    this.queue = options.serial ? new SerialQueue() : undefined;
    this.#log = log;
  }

  lane(client: LaneClient): Lane {
    return new SharedLane(this, client);
  }

  handshake = handshake;

  get isListenedTo(): boolean {
    return [...this.lanes].some(({ subscriptions }) => subscriptions.size > 0);
  }

  /** Repeats the subscriptions that hold on a new server, once for each uri. */
  started(connection: Connection): void {
    const all = new Map([...this.lanes].flatMap((lane) => [...lane.subscriptions]));
    for (const message of all.values()) connection.call(message, NOBODY);
  }

  /** Passes on what concerns everybody or a subscriber. Log messages and the like may be about anybody's call: dropped. */
  notification(message: Message): void {
    if (message.method.endsWith("/list_changed")) for (const lane of this.lanes) lane.tellClient(message);
    else if (message.method === "notifications/resources/updated") {
      for (const lane of this.subscribers.concernedBy(uriOf(message) ?? "")) lane.tellClient(message);
    } else this.#log.debug({ method: message.method }, "dropped: a shared server's message has no one addressee");
  }

  /** MCP 2025-11-25, Lifecycle: no client capability was declared, so the server may request nothing but `ping`. */
  request(message: Message, connection: Connection): void {
    const id = message.id as string;
    const { code, message: text } = new GatewayError("shared-child", { method: message.method });
    connection.send(message.method === "ping" ? answer(id, {}) : errorAnswer(id, code, text));
  }
}
