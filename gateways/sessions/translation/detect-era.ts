/**
 * Which era a service's server speaks, and who answers for it in either one. A server is first taken for a legacy one, as
 * nearly all are; that it is (also) a modern one is found out when a modern request comes, or when it refuses `initialize`,
 * on a process of its own: some legacy servers end when `server/discover` reaches them (MCP 2026-07-28, stdio, "Backward
 * Compatibility"). Knows nothing of HTTP.
 */
import type { Tools } from "../../bridge/tools.ts";
import type { Logger } from "../../log.ts";
import type { Backend, Status, Lane, LaneClient } from "../servers/contract.ts";
import { ToLegacyEndpoint, type ToLegacyOptions } from "./to-legacy/server.ts";
import { ToModernBackend } from "./to-modern/backend.ts";
import type { ModernServer } from "../servers/modern.ts";
import type { ModernEndpoint } from "../servers/modern-contract.ts";

/**
 * A server that has not answered `server/discover` for so long does not speak the modern era: so many milliseconds, and so
 * many times what it takes it to start.
 */
const PROBE_TIME = 3_000;
const PROBE_STARTS = 2;
/** One that speaks neither era is asked again after this many milliseconds at the earliest. */
const PROBE_PAUSE = 30_000;

export interface ErasOptions extends ToLegacyOptions {
  /** Whether a second process of the server may run beside the first. */
  readonly mayProbe: boolean;
}

export interface MakeServer {
  legacy(): Backend;
  modern(): ModernServer;
}

/** A service's server in the eras that it speaks. */
export class Eras implements Backend {
  readonly #options: ErasOptions;
  readonly #make: MakeServer;
  readonly #log: Logger;
  readonly #legacyServer: ToLegacyEndpoint;
  /** Where sessions find the server. */
  #backend: Backend;
  /** The server, if it turned out to speak the modern era. */
  #modern: ModernServer | undefined;
  /** Who answers modern requests, once that is certain. */
  #answering: ModernEndpoint | undefined;
  #deciding: Promise<ModernEndpoint> | undefined;
  #started: Promise<void> | undefined;
  #nextProbe = 0;
  #probing: ModernServer | undefined;
  /** How long the server took to show that it can serve, in milliseconds. */
  #startTime = 0;
  /** Why the server cannot be had in the modern era either. */
  #modernError: string | undefined;
  #stopped = false;

  /** @param make the server in either era, not yet started */
  constructor(make: MakeServer, options: ErasOptions, log: Logger) {
    this.#make = make;
    this.#backend = make.legacy();
    this.#options = options;
    this.#log = log;
    this.#legacyServer = new ToLegacyEndpoint(this, options);
  }

  get status(): Status {
    const { status } = this.#backend;
    if (!status.refused || this.#modernError === undefined) return status;
    return { ...status, error: `${status.error} Nor does it serve MCP 2026-07-28: ${this.#modernError}` };
  }

  get hasServed(): boolean {
    return this.#backend.hasServed;
  }

  get children(): number {
    const beside = this.#modern && !(this.#backend instanceof ToModernBackend) ? this.#modern.server.children : 0;
    return this.#backend.children + beside;
  }

  /** The tools that modern clients are served. */
  get tools(): Tools | undefined {
    return (this.#modern?.server ?? this.#backend).status.tools;
  }

  /** Calls of modern clients that have not been answered. */
  get openCalls(): number {
    return this.#legacyServer.openCalls + (this.#modern?.openCalls ?? 0);
  }

  start(): Promise<void> {
    return (this.#started ??= this.#start());
  }

  lane(client: LaneClient, ended: Parameters<Backend["lane"]>[1]): Lane {
    return this.#backend.lane(client, ended);
  }

  renew(): void {
    this.#backend.renew?.();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#legacyServer.stop();
    await Promise.all([this.#backend.stop(), this.#modern?.stop(), this.#probing?.stop()]);
  }

  /** Who answers modern requests, if that is known; else `decide` finds out. */
  get stateless(): ModernEndpoint | undefined {
    return this.#answering;
  }

  /** Finds out who answers modern requests: the server itself if it can, else a translation. */
  decide(): Promise<ModernEndpoint> {
    this.#deciding ??= this.#decide().finally(() => (this.#deciding = undefined));
    return this.#deciding;
  }

  async #start(): Promise<void> {
    const began = performance.now();
    await this.#backend.start();
    this.#startTime = performance.now() - began;
    if (this.#isRefused) await this.#becomeModern();
  }

  async #decide(): Promise<ModernEndpoint> {
    await this.start();
    if (this.#isRefused) await this.#becomeModern();
    else if (this.#options.mayProbe && this.status.ready) {
      this.#modern ??= await this.#probe(PROBE_TIME + PROBE_STARTS * this.#startTime);
    }
    const answering = this.#modern ?? this.#legacyServer;
    if (this.#modern || this.status.ready) this.#answering = answering; // else it may have failed for another reason
    return answering;
  }

  /** One that has served sessions is a legacy server, and may refuse for a while for reasons of its own. */
  get #isRefused(): boolean {
    return this.#backend.status.refused && !this.hasServed;
  }

  /**
   * The server refuses `initialize`: sessions find it in the modern era, if it speaks that. Meanwhile nothing tries to start
   * it in the legacy one, so that there is one process at most.
   */
  async #becomeModern(): Promise<void> {
    if (performance.now() < this.#nextProbe) return;
    await this.#backend.stop();
    this.#modern = await this.#probe(); // as long as any start may take: there is nothing else that it could be
    if (this.#stopped) return;
    this.#backend = this.#modern ? new ToModernBackend(this.#modern) : this.#make.legacy();
    if (!this.#modern) await this.#backend.start();
  }

  /**
   * @param patience milliseconds that it may take @default - as long as a start may take
   * @returns the server in the modern era, up; undefined when it does not speak it
   */
  async #probe(patience?: number): Promise<ModernServer | undefined> {
    if (performance.now() < this.#nextProbe) return undefined;
    this.#nextProbe = performance.now() + PROBE_PAUSE;
    const modern = this.#make.modern();
    this.#probing = modern;
    const timer = patience === undefined ? undefined : setTimeout(() => void modern.stop(), patience);
    const isModern = await modern.server.up().then(
      () => true,
      () => false,
    );
    clearTimeout(timer);
    this.#probing = undefined;
    this.#modernError = modern.server.status.error;
    this.#log.info({ isModern, error: this.#modernError }, "asked the server for MCP 2026-07-28");
    if (isModern && !this.#stopped) return modern;
    await modern.stop();
    return undefined;
  }
}
