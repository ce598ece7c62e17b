/** A legacy session's way to a server of the modern era, which knows no sessions. Knows nothing of HTTP. */
import { agreedVersion } from "../../../bridge/handshake.ts";
import { modernRequest, type ClientFacts } from "../messages.ts";
import type { Caller, Settled } from "../../../bridge/connection.ts";
import { LOG_LEVELS } from "../../../bridge/versions.ts";
import { GatewayError } from "../../../errors.ts";
import * as rpc from "../../../jsonrpc.ts";
import type { Message } from "../../../jsonrpc.ts";
import type { Lane, LaneClient } from "../../servers/contract.ts";
import type { ToModernBackend } from "./backend.ts";
import type { Subscriber } from "./subscriptions.ts";
import { Questions } from "../../servers/client-requests.ts";
import { InputRounds } from "./input-rounds.ts";
import { SharedCalls } from "../../servers/shared-calls.ts";

/** A session in front of a modern server: what the session was for is kept here, and sent along with every call. */
export class ToModernLane implements Lane, Subscriber {
  readonly #backend: ToModernBackend;
  readonly #client: LaneClient;
  readonly #calls: SharedCalls;
  readonly #rounds = new Map<Caller, InputRounds>();
  readonly #questions: Questions;
  /** Subscriptions that the server has not agreed to yet. */
  readonly #subscribing = new Map<Caller, Settled>();

  constructor(backend: ToModernBackend, client: LaneClient) {
    const { server, queue } = backend.modern;
    this.#backend = backend;
    this.#client = client;
    this.#calls = new SharedCalls(server, queue);
    this.#questions = new Questions(client, server.options);
    backend.lanes.add(this);
  }

  /** The session's beginning, made of what the server says of itself. */
  async open(): Promise<string> {
    const { initialize } = this.#client.record;
    const { result } = await this.#backend.modern.server.up();
    const { extensions: _, ...capabilities } = result.capabilities;
    this.#backend.news.subscribeToLists();
    return rpc.answer(initialize.id as string, {
      protocolVersion: agreedVersion(initialize),
      capabilities,
      serverInfo: { name: "unnamed", version: "0", ...result.serverInfo },
      instructions: result.instructions,
    });
  }

  restore(): void {
    const { news } = this.#backend;
    news.subscribeToLists();
    for (const uri of this.#client.record.subscriptions.keys()) void news.hear(uri, this);
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
    if (message.kind === "response") this.#questions.answered(message);
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
    rounds.fail(reason); // it may be the client that is asked at the moment, not the server
  }

  async close(reason: GatewayError): Promise<void> {
    this.#calls.close(reason);
    const mayHaveRun = new GatewayError("call-ended", { reason: "its session ended" });
    for (const caller of [...this.#rounds.keys(), ...this.#subscribing.keys()]) this.cancel(caller, mayHaveRun);
    this.#backend.lanes.delete(this);
    for (const uri of this.#client.record.subscriptions.keys()) this.#backend.news.forget(uri, this);
  }

  tellClient(news: Message): void {
    this.#client.fromServer(news);
  }

  #pass(message: Message, caller: Caller, settled: Settled): void {
    const facts = this.#facts;
    const { server, logs } = this.#backend.modern;
    const { service } = server.options;
    const rounds = new InputRounds(modernRequest(message, facts), caller, {
      service,
      send: (request, sender) => this.#calls.call(request, sender, () => {}),
      ask: (method, params, signal) => this.#questions.ask(method, params, { caller, signal }),
      settled: (answered) => {
        this.#rounds.delete(caller);
        unlogged(answered);
        settled(answered);
      },
    });
    this.#rounds.set(caller, rounds);
    const unlogged = logs.add(rounds, facts.logLevel?.slice(1, -1), this.#client.owner);
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
      this.#backend.news.forget(uri, this);
      return done(caller, settled, answer);
    }
    this.#subscribing.set(caller, settled);
    const agreed = await this.#backend.news.hear(uri, this);
    const isWanted = this.#subscribing.delete(caller);
    if (agreed && isWanted) subscriptions.set(uri, message);
    else if (!subscriptions.has(uri)) this.#backend.news.forget(uri, this);
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
