/** A session's way to a server that it shares: what would touch the others is answered here. Knows nothing of HTTP. */
import { agreedVersion, type InitializeResult } from "../../bridge/handshake.ts";
import type { Caller, Connection, Settled } from "../../bridge/connection.ts";
import { GatewayError } from "../../errors.ts";
import { answer, decode, find, stringIn, type Message } from "../../jsonrpc.ts";
import type { Lane, LaneClient } from "./contract.ts";
import type { SharedBackend } from "./shared.ts";
import { SharedCalls } from "./shared-calls.ts";

/** What would concern, or show, the other sessions. */
const REFUSED = /^logging\/setLevel$|^tasks\//;

/** Who is not there to hear an answer. */
export const NOBODY: Caller = { answer: () => {}, message: () => {}, fail: () => {} };

const SUBSCRIBING = /^resources\/(un)?subscribe$/;

/** A session's part of a server that it shares. */
export class SharedLane implements Lane {
  /** The resources/subscribe requests of this session that hold, by uri. */
  readonly subscriptions: Map<string, Message>;
  /** The last request about a uri that the server has not answered yet. */
  readonly #changing = new Map<string, Message>();
  readonly #backend: SharedBackend;
  readonly #client: LaneClient;
  readonly #calls: SharedCalls;

  constructor(backend: SharedBackend, client: LaneClient) {
    this.#backend = backend;
    this.#client = client;
    this.#calls = new SharedCalls(backend.server, backend.queue);
    this.subscriptions = client.record.subscriptions;
    backend.lanes.add(this);
  }

  async open(): Promise<string> {
    const { result } = await this.#backend.server.up();
    const { initialize } = this.#client.record;
    return answer(initialize.id as string, initializeResultFor(initialize, result));
  }

  /** A server that starts only now is told by its backend. */
  restore(): void {
    const connection = this.#backend.server.running?.connection;
    for (const [uri, message] of this.subscriptions) if (!this.#sharedWith(uri)) connection?.call(message, NOBODY);
  }

  call(message: Message, caller: Caller, settled: Settled): void {
    if (REFUSED.test(message.method)) return refuse(message, caller, settled);
    const uri = SUBSCRIBING.test(message.method) ? uriOf(message) : undefined;
    if (uri === undefined) this.#calls.call(message, caller, settled);
    else this.#changeSubscription(uri, message, caller, settled);
  }

  /** A notification to the server would speak for all sessions, and the server has asked nothing: both are dropped. */
  tell(): void {}

  cancel(caller: Caller, reason: GatewayError): void {
    this.#calls.cancel(caller, reason);
  }

  async close(reason: GatewayError): Promise<void> {
    this.#calls.close(reason);
    this.#backend.lanes.delete(this);
    for (const [uri, message] of this.subscriptions) if (!this.#neededBeside(uri)) this.#unsubscribe(message);
  }

  tellClient(message: Message): void {
    this.#client.fromServer(message);
  }

  /**
   * The server is told of the first subscriber of a uri and when the last has left. A subscription counts when the server
   * has agreed, its end at once: so who subscribes meanwhile asks the server again.
   */
  #changeSubscription(uri: string, message: Message, caller: Caller, settled: Settled): void {
    const subscribes = message.method === "resources/subscribe";
    if (!subscribes) this.subscriptions.delete(uri);
    if (subscribes ? this.#sharedWith(uri) : this.#neededBeside(uri)) {
      this.#changing.delete(uri);
      if (subscribes) this.subscriptions.set(uri, message);
      settled();
      return caller.answer(answer(message.id as string, {}));
    }
    this.#changing.set(uri, message);
    this.#calls.call(message, caller, (answered) => {
      const isLast = this.#changing.get(uri) === message;
      if (isLast) this.#changing.delete(uri);
      const agreed = answered !== undefined && find(answered, 0, "result") !== undefined;
      if (isLast && subscribes && agreed) this.subscriptions.set(uri, message);
      settled(answered);
    });
  }

  #sharedWith(uri: string): boolean {
    return [...this.#backend.lanes].some((lane) => lane !== this && lane.subscriptions.has(uri));
  }

  /** Whether another session has subscribed, or is about to. */
  #neededBeside(uri: string): boolean {
    const subscribing = (lane: SharedLane) => lane.#changing.get(uri)?.method === "resources/subscribe";
    return this.#sharedWith(uri) || [...this.#backend.lanes].some((lane) => lane !== this && subscribing(lane));
  }

  #unsubscribe(message: Message): void {
    const connection: Connection | undefined = this.#backend.server.running?.connection;
    const uri = find(message.text, message.params, "uri");
    if (uri) connection?.ask("resources/unsubscribe", { uri: decode(message.text, uri) }).catch(() => {});
  }
}

/** The server's result as this client may have it: in its version, without what cannot be had of a shared server. */
function initializeResultFor(initialize: Message, result: InitializeResult): InitializeResult {
  const { logging: _, tasks: __, ...capabilities } = result.capabilities;
  return { ...result, capabilities, protocolVersion: agreedVersion(initialize) };
}

function refuse(message: Message, caller: Caller, settled: Settled): void {
  settled();
  caller.fail(new GatewayError("shared-child", { method: message.method }));
}

/** The uri that a message is about. */
export const uriOf = ({ text, params }: Message): string | undefined => stringIn(text, params, "uri");
