/**
 * Modern requests in front of a server that knows only the legacy era: the gateway is its client, once for every principal
 * at every address, and translates. Legacy servers may keep in their process what one client is up to; people who share a
 * token do not share that. Knows nothing of HTTP.
 */
import { GatewayError, toGatewayError } from "../../../errors.ts";
import type { Message } from "../../../jsonrpc.ts";
import { LegacyClient } from "./legacy-client.ts";
import type { Backend } from "../../servers/contract.ts";
import type { ModernCaller, ModernEndpoint } from "../../servers/modern-contract.ts";

/** What means something else to a legacy server than to a modern client. */
const UNTRANSLATABLE = /^(tasks|roots|sampling|elicitation)\//;

export interface ToLegacyOptions {
  readonly service: string;
  /** Principals and addresses at most that are served at once. */
  readonly maxClients: number;
  /** Milliseconds after which one that sends nothing more gives its server back. */
  readonly idleTtl: number;
}

/** A legacyClient, and whether it has greeted the server. */
interface Desk {
  readonly legacyClient: LegacyClient;
  readonly opened: Promise<void>;
  isOpen: boolean;
}

/** A legacy server as modern requests see it. */
export class ToLegacyEndpoint implements ModernEndpoint {
  readonly #backend: Backend;
  readonly #options: ToLegacyOptions;
  /** By principal and address. */
  readonly #desks = new Map<string, Desk>();
  /** Callers whose call waits for the server. */
  readonly #waiting = new Set<ModernCaller>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(backend: Backend, options: ToLegacyOptions) {
    const { idleTtl } = options;
    this.#backend = backend;
    this.#options = options;
    this.#sweeper = setInterval(() => this.#endIdle(), Math.min(Math.max(idleTtl / 4, 50), 30_000));
    this.#sweeper.unref();
  }

  get openCalls(): number {
    let calls = this.#waiting.size;
    for (const { legacyClient } of this.#desks.values()) calls += legacyClient.openCalls;
    return calls;
  }

  call(request: Message, caller: ModernCaller): void {
    const { method } = request;
    if (UNTRANSLATABLE.test(method)) return caller.fail(new GatewayError("method-not-found", { method }));
    const desk = this.#desks.get(keyOf(caller)) ?? this.#newDesk(keyOf(caller), caller.principal.id);
    if (desk instanceof GatewayError) return caller.fail(desk);
    if (desk.isOpen) return desk.legacyClient.call(request, caller);
    this.#waiting.add(caller);
    void this.#callWhenOpen(desk, request, caller);
  }

  cancel(caller: ModernCaller, reason: GatewayError): void {
    if (this.#waiting.delete(caller)) caller.fail(reason);
    else this.#desks.get(keyOf(caller))?.legacyClient.cancel(caller, reason);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    const reason = new GatewayError("shutting-down");
    await Promise.all([...this.#desks].map(([key, desk]) => this.#end(key, desk, reason)));
  }

  #newDesk(key: string, owner: string): Desk | GatewayError {
    const { service, maxClients: limit } = this.#options;
    if (this.#desks.size >= limit) return new GatewayError("too-many-sessions", { service, limit }, { retryAfter: 30 });
    const legacyClient = new LegacyClient(owner, this.#backend, (reason) => void this.#end(key, desk, reason));
    const desk: Desk = { legacyClient, opened: legacyClient.open(), isOpen: false };
    desk.opened.then(
      () => (desk.isOpen = true),
      (error: unknown) => this.#end(key, desk, toGatewayError(error)),
    );
    this.#desks.set(key, desk);
    return desk;
  }

  async #callWhenOpen({ legacyClient, opened }: Desk, request: Message, caller: ModernCaller): Promise<void> {
    try {
      await opened;
      if (this.#waiting.delete(caller)) legacyClient.call(request, caller);
    } catch (error) {
      if (this.#waiting.delete(caller)) caller.fail(toGatewayError(error));
    }
  }

  async #end(key: string, desk: Desk, reason: GatewayError): Promise<void> {
    if (this.#desks.get(key) === desk) this.#desks.delete(key);
    await desk.legacyClient.close(reason);
  }

  #endIdle(): void {
    const oldest = performance.now() - this.#options.idleTtl;
    for (const [key, desk] of this.#desks) {
      const isIdle = desk.isOpen && !desk.legacyClient.busy && desk.legacyClient.lastUsed < oldest;
      if (isIdle) void this.#end(key, desk, new GatewayError("session-not-found"));
    }
  }
}

const keyOf = ({ principal, address }: ModernCaller) => `${principal.id} ${address}`;
