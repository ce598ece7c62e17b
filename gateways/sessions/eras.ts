/**
 * Which era a service's server speaks, and who answers for it in either one. A server is first taken for a legacy one, as
 * nearly all are; that it is (also) a modern one is found out when a modern request comes, or when it refuses `initialize`,
 * on a process of its own: some legacy servers end when `server/discover` reaches them (MCP 2026-07-28, stdio, "Backward
 * Compatibility"). Knows nothing of HTTP.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Tools } from "../bridge/tools.ts";
import type { Logger } from "../log.ts";
import type { Backend, Condition, Lane, LaneClient } from "./lane.ts";
import { LegacyServer, type LegacyServerOptions } from "./legacy-server.ts";
import { ModernBackend } from "./modern-backend.ts";
import type { ModernServer } from "./modern-server.ts";
import type { StatelessServer } from "./stateless.ts";

/** A server that has not answered `server/discover` for so long does not speak the modern era. In milliseconds. */
const PROBE_TIME = 10_000;
/** One that speaks neither era is asked again after this many milliseconds at the earliest. */
const PROBE_PAUSE = 30_000;

export interface ErasOptions extends LegacyServerOptions {
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
  readonly #legacyServer: LegacyServer;
  /** Where sessions find the server. */
  #backend: Backend;
  /** The server, if it turned out to speak the modern era. */
  #modern: ModernServer | undefined;
  /** Who answers modern requests, once that is certain. */
  #answering: StatelessServer | undefined;
  #deciding: Promise<StatelessServer> | undefined;
  #started: Promise<void> | undefined;
  #nextProbe = 0;
  #stopped = false;

  /** @param make the server in either era, not yet started */
  constructor(make: MakeServer, options: ErasOptions, log: Logger) {
    this.#make = make;
    this.#backend = make.legacy();
    this.#options = options;
    this.#log = log;
    this.#legacyServer = new LegacyServer(this, options);
  }

  get condition(): Condition {
    return this.#backend.condition;
  }

  get hasServed(): boolean {
    return this.#backend.hasServed;
  }

  get children(): number {
    const beside = this.#modern && !(this.#backend instanceof ModernBackend) ? this.#modern.server.children : 0;
    return this.#backend.children + beside;
  }

  /** The tools that modern clients are served. */
  get tools(): Tools | undefined {
    return (this.#modern?.server ?? this.#backend).condition.tools;
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

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#legacyServer.stop();
    await Promise.all([this.#backend.stop(), this.#modern?.stop()]);
  }

  /** Who answers modern requests, if that is known; else `decide` finds out. */
  get stateless(): StatelessServer | undefined {
    return this.#answering;
  }

  /** Finds out who answers modern requests: the server itself if it can, else a translation. */
  decide(): Promise<StatelessServer> {
    this.#deciding ??= this.#decide().finally(() => (this.#deciding = undefined));
    return this.#deciding;
  }

  async #start(): Promise<void> {
    await this.#backend.start();
    if (this.#isRefused) await this.#becomeModern();
  }

  async #decide(): Promise<StatelessServer> {
    await this.start();
    if (this.#isRefused) await this.#becomeModern();
    else if (this.#options.mayProbe && this.condition.ready) this.#modern ??= await this.#probe();
    const answering = this.#modern ?? this.#legacyServer;
    if (this.#modern || this.condition.ready) this.#answering = answering; // else it may have failed for another reason
    return answering;
  }

  /** One that has served sessions is a legacy server, and may refuse for a while for reasons of its own. */
  get #isRefused(): boolean {
    return this.#backend.condition.refused && !this.hasServed;
  }

  /**
   * The server refuses `initialize`: sessions find it in the modern era, if it speaks that. Meanwhile nothing tries to start
   * it in the legacy one, so that there is one process at most.
   */
  async #becomeModern(): Promise<void> {
    if (performance.now() < this.#nextProbe) return;
    await this.#backend.stop();
    this.#modern = await this.#probe();
    if (this.#stopped) return;
    this.#backend = this.#modern ? new ModernBackend(this.#modern) : this.#make.legacy();
    if (!this.#modern) await this.#backend.start();
  }

  /** @returns the server in the modern era, up; undefined when it does not speak it */
  async #probe(): Promise<ModernServer | undefined> {
    if (performance.now() < this.#nextProbe) return undefined;
    this.#nextProbe = performance.now() + PROBE_PAUSE;
    const modern = this.#make.modern();
    const late = new AbortController();
    const tooLate = sleep(PROBE_TIME, false, { signal: late.signal, ref: false }).catch(() => false);
    const isModern = await Promise.race([
      modern.server.up().then(
        () => true,
        () => false,
      ),
      tooLate,
    ]);
    late.abort();
    this.#log.info({ isModern, error: modern.server.condition.error }, "asked the server for the 2026 era");
    if (isModern && !this.#stopped) return modern;
    await modern.stop();
    return undefined;
  }
}
