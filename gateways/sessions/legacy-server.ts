/**
 * Modern requests in front of a server that knows only the legacy era: for every principal the gateway is its client once,
 * and translates. Knows nothing of HTTP.
 */
import { GatewayError, toGatewayError } from "../errors.ts";
import type { Message } from "../jsonrpc.ts";
import { Delegate } from "./delegate.ts";
import type { Backend } from "./lane.ts";
import type { StatelessCaller, StatelessServer } from "./stateless.ts";

/** What means something else to a legacy server than to a modern client. */
const UNTRANSLATABLE = /^(tasks|roots|sampling|elicitation)\//;

/** One principal's delegate, and the calls that wait until it has greeted the server. */
interface Desk {
  readonly delegate: Delegate;
  readonly opened: Promise<void>;
  isOpen: boolean;
}

/** A legacy server as modern requests see it. */
export class LegacyServer implements StatelessServer {
  readonly #backend: Backend;
  readonly #idleTtl: number;
  /** By principal. */
  readonly #desks = new Map<string, Desk>();
  /** Callers whose call waits for the server. */
  readonly #waiting = new Set<StatelessCaller>();
  readonly #sweeper: NodeJS.Timeout;

  /** @param idleTtl milliseconds after which a principal that sends nothing more gives its server back */
  constructor(backend: Backend, idleTtl: number) {
    this.#backend = backend;
    this.#idleTtl = idleTtl;
    this.#sweeper = setInterval(() => this.#endIdle(), Math.min(Math.max(idleTtl / 4, 50), 30_000));
    this.#sweeper.unref();
  }

  get openCalls(): number {
    let calls = this.#waiting.size;
    for (const { delegate } of this.#desks.values()) calls += delegate.openCalls;
    return calls;
  }

  call(request: Message, caller: StatelessCaller): void {
    const { method } = request;
    if (UNTRANSLATABLE.test(method)) return caller.fail(new GatewayError("method-not-found", { method }));
    const desk = this.#deskOf(caller.principal.id);
    if (desk.isOpen) return desk.delegate.call(request, caller);
    this.#waiting.add(caller);
    void this.#callWhenOpen(desk, request, caller);
  }

  cancel(caller: StatelessCaller, reason: GatewayError): void {
    if (this.#waiting.delete(caller)) caller.fail(reason);
    else this.#desks.get(caller.principal.id)?.delegate.cancel(caller, reason);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all(
      [...this.#desks.keys()].map((principal) => this.#end(principal, new GatewayError("shutting-down"))),
    );
  }

  #deskOf(principal: string): Desk {
    const known = this.#desks.get(principal);
    if (known) return known;
    const delegate = new Delegate(this.#backend, (reason) => void this.#end(principal, reason));
    const desk = { delegate, opened: delegate.open(), isOpen: false };
    desk.opened.then(
      () => (desk.isOpen = true),
      (error: unknown) => this.#end(principal, toGatewayError(error)),
    );
    this.#desks.set(principal, desk);
    return desk;
  }

  async #callWhenOpen({ delegate, opened }: Desk, request: Message, caller: StatelessCaller): Promise<void> {
    try {
      await opened;
      if (this.#waiting.delete(caller)) delegate.call(request, caller);
    } catch (error) {
      if (this.#waiting.delete(caller)) caller.fail(toGatewayError(error));
    }
  }

  async #end(principal: string, reason: GatewayError): Promise<void> {
    const desk = this.#desks.get(principal);
    this.#desks.delete(principal);
    await desk?.delegate.close(reason);
  }

  #endIdle(): void {
    const oldest = performance.now() - this.#idleTtl;
    for (const [principal, { delegate, isOpen }] of this.#desks) {
      if (isOpen && !delegate.busy && delegate.lastUsed < oldest)
        void this.#end(principal, new GatewayError("session-not-found"));
    }
  }
}
