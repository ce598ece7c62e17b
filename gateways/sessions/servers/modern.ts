/**
 * A server of the modern era: one process for all callers, which the revision allows, because every request says all that
 * the server may know of its client (MCP 2026-07-28, Overview, "Statelessness"). Knows nothing of HTTP.
 */
import { modernHandshake, type DiscoverResult } from "../../bridge/modern-handshake.ts";
import type { OpenLink } from "../../bridge/link.ts";
import { endOfSubscription } from "../../bridge/answers.ts";
import type { Connection } from "../../bridge/connection.ts";
import { SerialQueue } from "../../bridge/serial-queue.ts";
import { LISTEN } from "../../bridge/versions.ts";
import { GatewayError } from "../../errors.ts";
import { errorAnswer, type Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import { Supervisor, type Supervised } from "./supervisor.ts";
import { LogMessages } from "./log-routing.ts";
import { SharedCalls } from "./shared-calls.ts";
import type { SharedOptions } from "./shared.ts";
import type { ModernCaller, ModernEndpoint } from "./modern-contract.ts";

/** Streams of news at most, of one principal. */
const MAX_LISTENING = 100;

/** A modern server, and who calls it. */
export class ModernServer implements ModernEndpoint, Supervised<DiscoverResult> {
  readonly server: Supervisor<DiscoverResult>;
  /** Calls wait here for each other when the service is serial. */
  readonly queue: SerialQueue | undefined;
  /** Told of every new server: what held on the one before is to be asked for again. */
  readonly renewed = new Set<() => void>();
  readonly #log: Logger;
  /** By principal: who waits for their turn at a serial server waits for others, but not in their place. */
  readonly #calls = new Map<string, SharedCalls>();
  readonly #listening = new Map<ModernCaller, string>();
  readonly logs = new LogMessages();
  #openCalls = 0;

  constructor(open: OpenLink, options: SharedOptions, log: Logger) {
    this.server = new Supervisor(open, { ...options, modern: true }, this, log);
    this.queue = options.serial ? new SerialQueue() : undefined;
    this.#log = log;
  }

  get openCalls(): number {
    return this.#openCalls;
  }

  call(request: Message, caller: ModernCaller): void {
    if (request.method === LISTEN) return this.#listen(request, caller);
    this.#openCalls++;
    const settled = this.logs.add(caller, caller.logLevel, caller.principal.id);
    this.#callsOf(caller).call(request, caller, (answered) => {
      this.#openCalls--;
      settled(answered);
    });
  }

  cancel(caller: ModernCaller, reason: GatewayError): void {
    this.#callsOf(caller).cancel(caller, reason);
  }

  async stop(): Promise<void> {
    for (const [caller, id] of this.#listening) caller.answer(endOfSubscription(id));
    await this.server.stop();
  }

  handshake = modernHandshake;

  started(): void {
    this.logs.reset();
    for (const renew of this.renewed) renew();
  }

  notification(message: Message): void {
    if (message.method === "notifications/message" && this.logs.pass(message)) return;
    this.#log.debug({ method: message.method }, "dropped: a shared server's message has no one addressee");
  }

  /** MCP 2026-07-28, stdio: a server must not send requests. */
  request(message: Message, connection: Connection): void {
    const { code, message: text } = new GatewayError("method-not-found", { method: message.method });
    connection.send(errorAnswer(message.id, code, text));
  }

  #callsOf({ principal }: ModernCaller): SharedCalls {
    const known = this.#calls.get(principal.id);
    if (known) return known;
    const calls = new SharedCalls(this.server, this.queue);
    this.#calls.set(principal.id, calls);
    return calls;
  }

  /** A server that ends takes its streams along; their clients see that and listen again. */
  #listen(request: Message, caller: ModernCaller): void {
    const own = [...this.#listening.keys()].filter(({ principal }) => principal.id === caller.principal.id);
    if (own.length >= MAX_LISTENING) {
      return caller.fail(new GatewayError("too-many-listeners", { limit: MAX_LISTENING }));
    }
    this.#listening.set(caller, request.id as string);
    this.#callsOf(caller).call(request, caller, () => this.#listening.delete(caller));
  }
}
