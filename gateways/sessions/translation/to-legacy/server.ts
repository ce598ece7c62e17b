/**
 * Modern requests in front of a server that speaks only the legacy era: the gateway is its client, once for every principal
 * at every address, and translates. A legacy server may keep one client's state in its process, and people who share a
 * token must not share that state.
 */
import { GatewayError, toGatewayError } from "../../../errors.ts";
import type { Message } from "../../../jsonrpc.ts";
import type { Principal } from "../../../principal.ts";
import type { LaneSource, ModernCaller, ModernEndpoint } from "../../servers/contract.ts";
import { WaitingCalls } from "../../servers/waiting-calls.ts";
import { LegacyClient } from "./legacy-client.ts";

/** Methods that mean something else to a legacy server than to a modern client. */
const UNTRANSLATABLE = /^(tasks|roots|sampling|elicitation)\//;

export interface ToLegacyOptions {
  readonly service: string;
  /** How many principals and addresses are served at once. */
  readonly maxClients: number;
  /** Milliseconds after which an idle client gives its server back. */
  readonly idleTtl: number;
}

/** A legacy client, and whether it has initialized its session. */
interface Entry {
  readonly client: LegacyClient;
  readonly opened: Promise<void>;
  isOpen: boolean;
}

/** A legacy server as modern requests see it. */
export class ToLegacyEndpoint implements ModernEndpoint {
  readonly #lanes: LaneSource;
  readonly #options: ToLegacyOptions;
  /** By principal and address. */
  readonly #clients = new Map<string, Entry>();
  /** Calls that wait for the server. */
  readonly #waiting = new WaitingCalls<ModernCaller>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(lanes: LaneSource, options: ToLegacyOptions) {
    const { idleTtl } = options;
    this.#lanes = lanes;
    this.#options = options;
    this.#sweeper = setInterval(() => this.#endIdle(), Math.min(Math.max(idleTtl / 4, 50), 30_000));
    this.#sweeper.unref();
  }

  get openCalls(): number {
    let calls = this.#waiting.size;
    for (const { client } of this.#clients.values()) calls += client.openCalls;
    return calls;
  }

  call(request: Message, caller: ModernCaller): void {
    const { method } = request;
    if (UNTRANSLATABLE.test(method)) return caller.fail(new GatewayError("method-not-found", { method }));
    const entry = this.#clients.get(keyOf(caller)) ?? this.#newClient(keyOf(caller), caller.principal);
    if (entry instanceof GatewayError) return caller.fail(entry);
    const { client, isOpen, opened } = entry;
    if (isOpen) return client.call(request, caller);
    const bytes = request.text.length;
    void this.#waiting.add(caller, opened, { bytes, run: () => client.call(request, caller), skipped: () => {} });
  }

  cancel(caller: ModernCaller, reason: GatewayError): void {
    if (!this.#waiting.cancel(caller, reason)) this.#clients.get(keyOf(caller))?.client.cancel(caller, reason);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    const reason = new GatewayError("shutting-down");
    await Promise.all([...this.#clients].map(([key, entry]) => this.#end(key, entry, reason)));
  }

  #newClient(key: string, principal: Principal): Entry | GatewayError {
    const { service, maxClients: limit } = this.#options;
    if (this.#clients.size >= limit)
      return new GatewayError("too-many-sessions", { service, limit }, { retryAfter: 30 });
    const client = new LegacyClient(principal, this.#lanes, (reason) => void this.#end(key, entry, reason));
    const entry: Entry = { client, opened: client.open(), isOpen: false };
    entry.opened.then(
      () => (entry.isOpen = true),
      (error: unknown) => this.#end(key, entry, toGatewayError(error)),
    );
    this.#clients.set(key, entry);
    return entry;
  }

  async #end(key: string, entry: Entry, reason: GatewayError): Promise<void> {
    if (this.#clients.get(key) === entry) this.#clients.delete(key);
    await entry.client.close(reason);
  }

  #endIdle(): void {
    const oldest = performance.now() - this.#options.idleTtl;
    for (const [key, entry] of this.#clients) {
      const { client, isOpen } = entry;
      if (isOpen && !client.busy && client.lastUsed < oldest)
        void this.#end(key, entry, new GatewayError("session-not-found"));
    }
  }
}

/** A server may tell a client later what its token opened before, so two tokens that open different things share none. */
const keyOf = ({ principal: { id, tools }, address }: ModernCaller) =>
  tools === undefined ? `${id} ${address}` : `${id} ${address} ${tools.join(",")}`;
