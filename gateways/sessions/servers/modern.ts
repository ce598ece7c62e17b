/**
 * A server of the modern era: one process for all callers. The revision allows that, because every request says all that
 * the server may know of its client (MCP 2026-07-28, Overview, "Statelessness").
 */
import { endOfSubscription } from "../../bridge/answers.ts";
import type { Connection } from "../../bridge/connection.ts";
import type { OpenLink } from "../../bridge/link.ts";
import { modernHandshake, type DiscoverResult } from "../../bridge/modern-handshake.ts";
import { SerialQueue } from "../../bridge/serial-queue.ts";
import { LISTEN } from "../../bridge/versions.ts";
import { GatewayError } from "../../errors.ts";
import { errorAnswer, type Message } from "../../jsonrpc.ts";
import type { Logger } from "../../log.ts";
import type { Principal } from "../../principal.ts";
import type { ModernCaller, ModernEndpoint } from "./contract.ts";
import { LogRouting } from "./log-routing.ts";
import { SharedCalls } from "./shared-calls.ts";
import type { SharedOptions } from "./shared.ts";
import { Supervisor, type Supervised } from "./supervisor.ts";

/** How many subscriptions one principal may hold open. */
const MAX_LISTENING = 100;

/** A modern server and its callers. */
export class ModernServer implements ModernEndpoint, Supervised<DiscoverResult> {
  readonly supervisor: Supervisor<DiscoverResult>;
  /** Calls wait here for each other when the service is serial. */
  readonly queue: SerialQueue | undefined;
  /** Called for every new server: what held on the one before must be requested again. */
  readonly renewed = new Set<() => void>();
  readonly logs = new LogRouting();
  /** The legacy sessions that lead here. */
  readonly lanes = new Set<object>();
  readonly #log: Logger;
  /** By principal: each waits for the others' calls at a serial server, and has a limit of its own. */
  readonly #calls = new Map<string, SharedCalls>();
  /** Open subscriptions, with the ids of their requests. */
  readonly #listening = new Map<ModernCaller, string>();
  #openCalls = 0;

  constructor(open: OpenLink, options: SharedOptions, log: Logger) {
    this.supervisor = new Supervisor(open, { ...options, modern: true }, this, log);
    this.queue = options.serial ? new SerialQueue() : undefined;
    this.#log = log;
  }

  get openCalls(): number {
    return this.#openCalls;
  }

  /** Whether anybody uses it. */
  get busy(): boolean {
    return this.#openCalls > 0 || this.#listening.size > 0 || this.lanes.size > 0;
  }

  /** Processes, or connections, that run beside its own. */
  get others(): number {
    return 0;
  }

  /** The server that acts for a principal. @throws GatewayError `too-many-children` when that would need one more than may be */
  actingFor(_principal: Principal): ModernServer {
    return this;
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
    await this.supervisor.stop();
  }

  handshake = modernHandshake;

  /** Its subscriptions are open calls. */
  readonly isListenedTo = false;

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
    const calls = new SharedCalls(this.supervisor, this.queue);
    this.#calls.set(principal.id, calls);
    return calls;
  }

  /** When the server ends, so do its subscriptions; clients see that and subscribe again. */
  #listen(request: Message, caller: ModernCaller): void {
    const own = [...this.#listening.keys()].filter(({ principal }) => principal.id === caller.principal.id);
    if (own.length >= MAX_LISTENING) {
      return caller.fail(new GatewayError("too-many-listeners", { limit: MAX_LISTENING }));
    }
    this.#listening.set(caller, request.id as string);
    this.#callsOf(caller).call(request, caller, () => this.#listening.delete(caller));
  }
}
