/** A session's way to a server that it shares. Requests that would affect the other sessions are answered here. */
import type { Caller, Connection, Settled } from "../../bridge/connection.ts";
import { agreedVersion, type InitializeResult } from "../../bridge/handshake.ts";
import type { SerialQueue } from "../../bridge/serial-queue.ts";
import { GatewayError } from "../../errors.ts";
import { answer, decode, find, type Message } from "../../jsonrpc.ts";
import type { Lane, LaneClient } from "./contract.ts";
import { uriOf } from "./resource-uris.ts";
import { SharedCalls } from "./shared-calls.ts";
import type { Subscriber, Subscribers } from "./subscribers.ts";
import type { Supervisor } from "./supervisor.ts";

/** Methods that would affect, or reveal, the other sessions. */
const REFUSED = /^logging\/setLevel$|^tasks\//;

/** Ignores every answer. */
export const NOBODY: Caller = { answer: () => {}, message: () => {}, fail: () => {} };

const SUBSCRIBING = /^resources\/(un)?subscribe$/;

/** Clients insist on a name that servers forget. */
const UNNAMED = { name: "unnamed", version: "0" };

/** What a lane needs of the server that it leads to. */
export interface SharedServer {
  readonly supervisor: Supervisor<InitializeResult>;
  /** Calls wait here for each other when the service is serial. */
  readonly queue: SerialQueue | undefined;
  /** The lanes of all sessions. */
  readonly lanes: Set<SharedLane>;
  /** Their subscriptions that hold, and those that wait for the server. */
  readonly subscribers: Subscribers<SharedLane>;
  readonly subscribing: Subscribers<SharedLane>;
}

/** A session's part of a server that it shares. */
export class SharedLane implements Lane, Subscriber {
  /** The resources/subscribe requests of this session that hold, by uri. */
  readonly subscriptions: Map<string, Message>;
  /** The last request about a uri that the server has not answered yet. */
  readonly #changing = new Map<string, Message>();
  readonly #server: SharedServer;
  readonly #client: LaneClient;
  readonly #calls: SharedCalls;

  constructor(server: SharedServer, client: LaneClient) {
    this.#server = server;
    this.#client = client;
    this.#calls = new SharedCalls(server.supervisor, server.queue);
    this.subscriptions = client.record.subscriptions;
    server.lanes.add(this);
    for (const uri of this.subscriptions.keys()) server.subscribers.add(uri, this);
  }

  get principalId(): string {
    return this.#client.principal.id;
  }

  async open(): Promise<string> {
    const { result } = await this.#server.supervisor.up();
    const { initialize } = this.#client.record;
    return answer(initialize.id as string, initializeResultFor(initialize, result));
  }

  /** A server that is not up yet is told by its backend when it starts. */
  restore(): void {
    for (const [uri, message] of this.subscriptions)
      if (!this.#sharedWith(uri)) this.#connection?.call(message, NOBODY);
  }

  call(message: Message, caller: Caller, settled: Settled): void {
    if (REFUSED.test(message.method)) return refuse(message, caller, settled);
    const uri = SUBSCRIBING.test(message.method) ? uriOf(message) : undefined;
    if (uri === undefined) this.#calls.call(message, caller, settled);
    else this.#changeSubscription(uri, message, caller, settled);
  }

  /** Drops what the client tells: a notification would speak for all sessions, and the server has requested nothing. */
  tell(): void {}

  cancel(caller: Caller, reason: GatewayError): void {
    this.#calls.cancel(caller, reason);
  }

  async close(reason: GatewayError): Promise<void> {
    this.#calls.close(reason);
    this.#server.lanes.delete(this);
    for (const uri of this.#changing.keys()) this.#setChanging(uri, undefined);
    for (const [uri, message] of this.subscriptions) {
      this.#server.subscribers.delete(uri, this);
      if (!this.#neededBeside(uri)) this.#unsubscribe(message);
    }
  }

  tellClient(message: Message): void {
    this.#client.fromServer(message);
  }

  /**
   * The server is told of the first subscriber of a uri, and when the last one has left. A subscription counts once the
   * server has agreed, its end at once: a session that subscribes in between asks the server again.
   */
  #changeSubscription(uri: string, message: Message, caller: Caller, settled: Settled): void {
    const subscribes = message.method === "resources/subscribe";
    if (!subscribes) this.#setHeld(uri, undefined);
    if (subscribes ? this.#sharedWith(uri) : this.#neededBeside(uri)) {
      this.#setChanging(uri, undefined);
      if (subscribes) this.#setHeld(uri, message);
      settled();
      return caller.answer(answer(message.id as string, {}));
    }
    this.#setChanging(uri, message);
    this.#calls.call(message, caller, (answered) => {
      const isLast = this.#changing.get(uri) === message;
      if (isLast) this.#setChanging(uri, undefined);
      const agreed = answered !== undefined && find(answered, 0, "result") !== undefined;
      if (isLast && subscribes && agreed) this.#setHeld(uri, message);
      settled(answered);
    });
  }

  /** @param request the one that subscribed; undefined = it holds no more */
  #setHeld(uri: string, request: Message | undefined): void {
    if (request) {
      this.subscriptions.set(uri, request);
      this.#server.subscribers.add(uri, this);
    } else {
      this.subscriptions.delete(uri);
      this.#server.subscribers.delete(uri, this);
    }
  }

  #setChanging(uri: string, request: Message | undefined): void {
    if (request) this.#changing.set(uri, request);
    else this.#changing.delete(uri);
    if (request?.method === "resources/subscribe") this.#server.subscribing.add(uri, this);
    else this.#server.subscribing.delete(uri, this);
  }

  #sharedWith(uri: string): boolean {
    return this.#server.subscribers.hasOthers(uri, this);
  }

  /** Whether another session has subscribed, or is about to. */
  #neededBeside(uri: string): boolean {
    return this.#sharedWith(uri) || this.#server.subscribing.hasOthers(uri, this);
  }

  #unsubscribe(message: Message): void {
    const uri = find(message.text, message.params, "uri");
    if (uri) this.#connection?.ask("resources/unsubscribe", { uri: decode(message.text, uri) }).catch(() => {});
  }

  get #connection(): Connection | undefined {
    return this.#server.supervisor.running?.connection;
  }
}

/** The server's own result, in this client's protocol version and without what a shared server cannot offer. */
function initializeResultFor(initialize: Message, result: InitializeResult): InitializeResult {
  const { logging: _, tasks: __, ...capabilities } = result.capabilities;
  return { serverInfo: UNNAMED, ...result, capabilities, protocolVersion: agreedVersion(initialize) };
}

function refuse(message: Message, caller: Caller, settled: Settled): void {
  settled();
  caller.fail(new GatewayError("shared-child", { method: message.method }));
}
