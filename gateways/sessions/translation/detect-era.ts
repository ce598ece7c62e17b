/**
 * Which era a service's server speaks, and what answers for it in either one. A server is taken for a legacy one at first,
 * as nearly all are. When a modern request comes, or when the server refuses `initialize`, it is probed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Tools } from "../../bridge/tools.ts";
import type { GatewayError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Principal } from "../../principal.ts";
import type { Backend, Lane, LaneClient, LaneSource, ModernEndpoint, ServerLife, Status } from "../servers/contract.ts";
import type { ModernServer } from "../servers/modern.ts";
import { ShownTools, type ShownToolsOptions } from "../tools/shown-tools.ts";
import { EraChange } from "./era-change.ts";
import { KnownServer } from "./known-server.ts";
import { ModernProbe } from "./modern-probe.ts";
import { ToLegacyEndpoint, type ToLegacyOptions } from "./to-legacy/server.ts";
import { ToModernBackend } from "./to-modern/backend.ts";

/**
 * A server that has not answered `server/discover` within this many milliseconds plus this many times its own start time
 * does not speak the modern era.
 */
const PROBE_TIME = 3_000;
const PROBE_STARTS = 2;
/** A modern request waits for a probe as long as the server takes to start four times, within these bounds in milliseconds. */
const PATIENCE_STARTS = 4;
const MIN_PATIENCE = 1_000;
const MAX_PATIENCE = 3_000;
/** Milliseconds until a server that speaks neither era may be probed again: a new process, or one request to an upstream. */
const PROBE_PAUSE = 30_000;
const UPSTREAM_PROBE_PAUSE = 5_000;

export interface ErasOptions extends ToLegacyOptions, ShownToolsOptions {
  /** Whether a second process of the server may run beside the first. */
  readonly mayProbe: boolean;
  /** Whether it may come back as a server of another era, as an upstream may. @default false */
  readonly mayChange?: boolean;
}

export interface MakeServer {
  legacy(): Backend;
  /** @default - it is of the legacy era for certain */
  readonly modern?: () => ModernServer;
}

/** A service's server in the eras that it speaks. */
export class Eras implements LaneSource, ServerLife {
  readonly #options: ErasOptions;
  readonly #make: MakeServer;
  readonly #shown: ShownTools;
  readonly #server: KnownServer;
  readonly #probe: ModernProbe;
  /** Undefined when the server stays what it is. */
  readonly #change: EraChange | undefined;
  readonly #toLegacy: ToLegacyEndpoint;
  #deciding: Promise<ModernEndpoint> | undefined;
  #started: Promise<void> | undefined;
  /** A probe that a modern request waits for, or no longer does. */
  #probedBeside: Promise<void> | undefined;
  /** How long the server took to show that it can serve, in milliseconds. */
  #startTime = 0;
  #stopped = false;
  onStatus: (() => void) | undefined;

  /** @param make the server in either era, not yet started */
  constructor(make: MakeServer, options: ErasOptions, log: Logger) {
    this.#make = make;
    this.#options = options;
    this.#shown = new ShownTools(options, log);
    this.#server = new KnownServer(make.legacy(), {
      listed: (tools) => this.#shown.checkWith(tools),
      changed: () => {
        this.onStatus?.();
        this.#change?.reconsider();
      },
    });
    this.#probe = new ModernProbe(make.modern, options.mayChange ? UPSTREAM_PROBE_PAUSE : PROBE_PAUSE, log);
    if (options.mayChange) {
      const sources = { legacy: () => make.legacy(), modern: () => this.#probed() };
      this.#change = new EraChange(this.#server, sources, () => this.onStatus?.(), log);
    }
    // Whatever stands in front of the server looks at modern requests before they are translated.
    this.#toLegacy = new ToLegacyEndpoint({ lane: (client, ended) => this.#laneToServer(client, ended) }, options);
  }

  get status(): Status {
    const { status } = this.#server.backend.supervisor;
    if (!status.refused || status.ready || this.#probe.error === undefined) return status;
    return { ...status, error: `${status.error} Nor does it serve MCP 2026-07-28: ${this.#probe.error}` };
  }

  get hasServed(): boolean {
    return this.#server.backend.supervisor.hasServed;
  }

  get children(): number {
    return this.#server.children;
  }

  get restarts(): number {
    return this.#server.restarts;
  }

  get rests(): boolean {
    return this.#server.rests;
  }

  rest(): Promise<void> {
    return this.#server.rest();
  }

  /** Calls that wait for their turn at a server that takes one at a time. */
  get waiting(): number {
    return this.#server.waiting;
  }

  /** The tools that modern clients are served; undefined when they only find them by a search. */
  get tools(): Tools | undefined {
    if (this.#shown.isSearched) return undefined;
    return (this.#server.modern ?? this.#server.backend).supervisor.status.tools;
  }

  /** How many tools clients are offered; undefined before the server has listed them. */
  get toolCount(): number | undefined {
    const { tools } = this.status;
    return tools && this.#shown.countIn(tools);
  }

  /** What the tools that clients are offered are called; undefined before the server has listed them. */
  get toolNames(): readonly string[] | undefined {
    return this.status.tools?.names?.filter((name) => this.offers(name));
  }

  /** Whether clients may call a tool of this name, if the server has it. @param principal this one @default anybody */
  offers(tool: string, principal?: Principal): boolean {
    return this.#shown.offers(tool, principal);
  }

  /** Whether a principal may use anything of the service. */
  admits(principal: Principal): boolean {
    return this.#shown.admits(principal);
  }

  /** The tools of the server that are not as they were reviewed, in words. */
  get unreviewed(): readonly string[] {
    return this.#shown.unreviewed;
  }

  /** Calls of modern clients that have not been answered. */
  get openCalls(): number {
    return this.#toLegacy.openCalls + (this.#server.modern?.openCalls ?? 0);
  }

  start(): Promise<void> {
    return (this.#started ??= this.#start());
  }

  lane(client: LaneClient, ended: (reason: GatewayError) => void): Lane {
    return this.#shown.lane(this.#laneToServer(client, ended), client);
  }

  #laneToServer(client: LaneClient, ended: (reason: GatewayError) => void): Lane {
    const lane = this.#server.backend.lane(client, ended);
    return this.#change?.watched(lane, ended) ?? lane;
  }

  async measure(): Promise<void> {
    await this.#server.measure();
    await this.#change?.settled();
  }

  renew(): void {
    this.#server.backend.supervisor.renew?.();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#change?.stop();
    const unprobed = this.#probe.stop();
    await this.#toLegacy.stop();
    await Promise.all([this.#server.stop(), unprobed]);
  }

  /** What answers modern requests, if that is known; else `decide` finds out. */
  get modern(): ModernEndpoint | undefined {
    const { answering } = this.#server;
    return answering && this.#shown.endpoint(answering);
  }

  /** Finds out what answers modern requests: the server itself if it can, else a translation. */
  async decide(): Promise<ModernEndpoint> {
    this.#deciding ??= this.#decide().finally(() => (this.#deciding = undefined));
    return this.#shown.endpoint(await this.#deciding);
  }

  async #start(): Promise<void> {
    const began = performance.now();
    await this.#server.backend.supervisor.start();
    this.#startTime = performance.now() - began;
    if (this.#isRefused) await this.#becomeModern();
  }

  async #decide(): Promise<ModernEndpoint> {
    await this.start();
    if (this.#isRefused) await this.#becomeModern();
    else if (this.#options.mayProbe && this.status.ready && !(await this.#probedInTime())) return this.#toLegacy;
    const server = this.#server;
    const answering = server.modern ?? this.#toLegacy;
    if (server.modern || this.status.ready) server.answering = answering; // otherwise it may have failed for another reason
    return answering;
  }

  /**
   * Probes the server, which goes on when it takes long: a legacy server may stay silent, and its client must not wait for
   * that. Until the outcome is known, modern requests are translated.
   * @returns whether the outcome is known
   */
  async #probedInTime(): Promise<boolean> {
    const server = this.#server;
    if (server.modern) return true;
    const patience = Math.min(Math.max(MIN_PATIENCE, PATIENCE_STARTS * this.#startTime), MAX_PATIENCE);
    this.#probedBeside ??= this.#probed(PROBE_TIME + PROBE_STARTS * this.#startTime)
      .then((modern) => void (server.modern ??= modern))
      .finally(() => {
        this.#probedBeside = undefined;
        if (server.modern || this.status.ready) server.answering = server.modern ?? this.#toLegacy;
      });
    const late = new AbortController();
    const outcome = this.#probedBeside.then(() => true);
    const inTime = await Promise.race([outcome, sleep(patience, false, { signal: late.signal }).catch(() => false)]);
    late.abort();
    if (!inTime) server.answering = this.#toLegacy;
    return inTime;
  }

  /** A process that has served sessions is a legacy one, and may refuse for a while for reasons of its own. */
  get #isRefused(): boolean {
    return this.#server.backend.supervisor.status.refused && !this.hasServed;
  }

  /**
   * The server refuses `initialize`: sessions reach it in the modern era, if it speaks that. Meanwhile nothing starts it in
   * the legacy one, so that there is at most one process.
   */
  async #becomeModern(): Promise<void> {
    if (this.#change) return this.#change.change();
    if (this.#probe.pauses) return;
    const server = this.#server;
    await server.backend.supervisor.stop();
    server.modern = await this.#probed(); // without a time limit of its own: there is nothing else that it could be
    if (this.#stopped) return;
    server.backend = server.modern ? new ToModernBackend(server.modern) : this.#make.legacy();
    if (!server.modern) await server.backend.supervisor.start();
  }

  /** The server in the modern era, if it speaks that, and watched if it may change. @param timeout milliseconds */
  async #probed(timeout?: number): Promise<ModernServer | undefined> {
    const modern = await this.#probe.run(timeout);
    if (modern && this.#change) modern.supervisor.onStatus = () => this.#change?.reconsider();
    return modern;
  }
}
