/** A legacy session's way to a server of the modern era, which has no sessions. */
import { agreedVersion } from "../../../bridge/handshake.ts";
import { modernRequest, type ClientFacts } from "../messages.ts";
import type { Caller, Settled } from "../../../bridge/connection.ts";
import { LOG_LEVELS } from "../../../bridge/versions.ts";
import { GatewayError } from "../../../errors.ts";
import * as rpc from "../../../jsonrpc.ts";
import type { Message } from "../../../jsonrpc.ts";
import type { Lane, LaneClient } from "../../servers/contract.ts";
import type { ModernServer } from "../../servers/modern.ts";
import { InputRequests } from "./input-requests.ts";
import { InputRounds } from "./input-rounds.ts";
import { SharedCalls } from "../../servers/shared-calls.ts";
import type { ModernSubscriptions, Subscriber } from "./subscriptions.ts";

/** What a lane needs of the translation that it belongs to. */
export interface TranslatedServer {
  readonly modern: ModernServer;
  readonly subscriptions: ModernSubscriptions;
  /** The lanes of all sessions. */
  readonly lanes: Set<ToModernLane>;
}

/** Keeps what the session agreed on, and sends it along with every call. */
export class ToModernLane implements Lane, Subscriber {
  readonly #server: TranslatedServer;
  readonly #client: LaneClient;
  readonly #calls: SharedCalls;
  readonly #rounds = new Map<Caller, InputRounds>();
  readonly #inputRequests: InputRequests;
  /** Subscriptions that the server has not agreed to yet. */
  readonly #subscribing = new Map<Caller, Settled>();

  constructor(server: TranslatedServer, client: LaneClient) {
    const { supervisor, queue } = server.modern;
    this.#server = server;
    this.#client = client;
    this.#calls = new SharedCalls(supervisor, queue);
    this.#inputRequests = new InputRequests(client, supervisor.options);
    server.lanes.add(this);
    server.modern.lanes.add(this);
  }

  /** Whether its calls go to this server. */
  isOf(modern: ModernServer): boolean {
    return this.#server.modern === modern;
  }

  /** Answers `initialize` with what the server said in its discovery. */
  async open(): Promise<string> {
    const { initialize } = this.#client.record;
    const { result } = await this.#server.modern.supervisor.up();
    const { extensions: _, ...capabilities } = result.capabilities;
    this.#server.subscriptions.subscribeToLists();
    return rpc.answer(initialize.id as string, {
      protocolVersion: agreedVersion(initialize),
      capabilities,
      serverInfo: { name: "unnamed", version: "0", ...result.serverInfo },
      instructions: result.instructions,
    });
  }

  restore(): void {
    const { subscriptions } = this.#server;
    subscriptions.subscribeToLists();
    for (const uri of this.#client.record.subscriptions.keys()) void subscriptions.subscribe(uri, this);
  }

  call(message: Message, caller: Caller, settled: Settled): void {
    switch (message.method) {
      case "ping":
        return done(caller, settled, rpc.answer(message.id as string, {}));
      case "logging/setLevel":
        return this.#setLogLevel(message, caller, settled);
      case "resources/subscribe":
      case "resources/unsubscribe":
        return void this.#changeSubscription(message, caller, settled);
      default:
        return this.#pass(message, caller, settled);
    }
  }

  tell(message: Message): void {
    if (message.kind === "response") this.#inputRequests.answered(message);
  }

  cancel(caller: Caller, reason: GatewayError): void {
    const settled = this.#subscribing.get(caller);
    if (settled) {
      this.#subscribing.delete(caller);
      settled();
      return caller.fail(reason);
    }
    const rounds = this.#rounds.get(caller);
    if (!rounds) return;
    this.#calls.cancel(rounds, reason);
    rounds.fail(reason); // at the moment it may be the client that has to answer, not the server
  }

  async close(reason: GatewayError): Promise<void> {
    this.#calls.close(reason);
    const mayHaveRun = new GatewayError("call-ended", { reason: "its session ended" });
    for (const caller of [...this.#rounds.keys(), ...this.#subscribing.keys()]) this.cancel(caller, mayHaveRun);
    this.#server.lanes.delete(this);
    this.#server.modern.lanes.delete(this);
    for (const uri of this.#client.record.subscriptions.keys()) this.#server.subscriptions.unsubscribe(uri, this);
  }

  tellClient(notification: Message): void {
    this.#client.fromServer(notification);
  }

  #pass(message: Message, caller: Caller, settled: Settled): void {
    const facts = this.#facts;
    const { supervisor, logs } = this.#server.modern;
    const { service } = supervisor.options;
    const rounds = new InputRounds(modernRequest(message, facts), caller, {
      service,
      send: (request, sender) => this.#calls.call(request, sender, () => {}),
      ask: (method, params, signal) => this.#inputRequests.send(method, params, { caller, signal }),
      settled: (answered) => {
        this.#rounds.delete(caller);
        unlogged(answered);
        settled(answered);
      },
    });
    this.#rounds.set(caller, rounds);
    const unlogged = logs.add(rounds, facts.logLevel?.slice(1, -1), this.#client.principal.id);
    rounds.start();
  }

  get #facts(): ClientFacts {
    const { initialize, logLevel } = this.#client.record;
    return {
      capabilities: rpc.written(initialize.text, initialize.params, "capabilities") ?? "{}",
      clientInfo: rpc.written(initialize.text, initialize.params, "clientInfo"),
      logLevel: logLevel && rpc.written(logLevel.text, logLevel.params, "level"),
    };
  }

  #setLogLevel(message: Message, caller: Caller, settled: Settled): void {
    if (!LOG_LEVELS.includes(rpc.stringIn(message.text, message.params, "level") ?? "")) {
      return refuse(caller, settled, `"level" must be one of ${LOG_LEVELS.join(", ")}`);
    }
    this.#client.record.logLevel = message;
    done(caller, settled, rpc.answer(message.id as string, {}));
  }

  async #changeSubscription(message: Message, caller: Caller, settled: Settled): Promise<void> {
    const { subscriptions } = this.#client.record;
    const uri = rpc.stringIn(message.text, message.params, "uri");
    if (uri === undefined) return refuse(caller, settled, '"uri" must be a string');
    const answer = rpc.answer(message.id as string, {});
    if (message.method === "resources/unsubscribe") {
      subscriptions.delete(uri);
      this.#server.subscriptions.unsubscribe(uri, this);
      return done(caller, settled, answer);
    }
    this.#subscribing.set(caller, settled);
    const agreed = await this.#server.subscriptions.subscribe(uri, this);
    const isWanted = this.#subscribing.delete(caller);
    if (agreed && isWanted) subscriptions.set(uri, message);
    else if (!subscriptions.has(uri)) this.#server.subscriptions.unsubscribe(uri, this);
    if (agreed && isWanted) done(caller, settled, answer);
    else if (isWanted) refuse(caller, settled, "the server does not tell of changes of this resource");
  }
}

function done(caller: Caller, settled: Settled, answer: string): void {
  settled(answer);
  caller.answer(answer);
}

function refuse(caller: Caller, settled: Settled, detail: string): void {
  settled();
  caller.fail(new GatewayError("invalid-params", { detail }));
}
