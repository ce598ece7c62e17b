/**
 * Which era a service's server speaks, and what answers for it in either one. A server is taken for a legacy one at first,
 * as nearly all are. When a modern request comes, or when the server refuses `initialize`, a second process is probed with
 * `server/discover`, because some legacy servers exit when it reaches them (MCP 2026-07-28, stdio, "Backward Compatibility").
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Tools } from "../../bridge/tools.ts";
import { GatewayError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { Backend, Lane, LaneClient, LaneSource, ModernEndpoint, ServerLife, Status } from "../servers/contract.ts";
import type { ModernServer } from "../servers/modern.ts";
import { OfferedTools } from "../tools/offered-tools.ts";
import type { Review } from "../tools/reviewed-tools.ts";
import { SearchEndpoint, SearchLane } from "../tools/search/tool-search.ts";
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

export interface ErasOptions extends ToLegacyOptions {
  /** Whether a second process of the server may run beside the first. */
  readonly mayProbe: boolean;
  /** Whether it may come back as a server of another era, as an upstream may. @default false */
  readonly mayChange?: boolean;
  /** Patterns for the tools that are offered (`ToolPatterns`). @default all are */
  readonly tools?: readonly string[];
  /** The tools that were reviewed. @default - none were */
  readonly review?: Review | undefined;
  /** How its tools are shown. @default "all" */
  readonly discovery?: "all" | "search";
}

export interface MakeServer {
  legacy(): Backend;
  /** @default - it is of the legacy era for certain */
  modern?(): ModernServer;
}

/** A service's server in the eras that it speaks. */
export class Eras implements LaneSource, ServerLife {
  readonly #options: ErasOptions;
  readonly #make: MakeServer;
  readonly #log: Logger;
  readonly #toLegacy: ToLegacyEndpoint;
  /** Undefined when all tools are offered. */
  readonly #offered: OfferedTools | undefined;
  /** Where sessions find the server. */
  #backend: Backend;
  /** The server, if it turned out to speak the modern era. */
  #modern: ModernServer | undefined;
  /** What answers modern requests, once that is certain. */
  #answering: ModernEndpoint | undefined;
  /** What modern clients see of it. */
  readonly #shown = new WeakMap<ModernEndpoint, ModernEndpoint>();
  #deciding: Promise<ModernEndpoint> | undefined;
  #started: Promise<void> | undefined;
  /** A probe that a modern request waits for, or no longer does. */
  #probedBeside: Promise<void> | undefined;
  #nextProbe = 0;
  #probing: ModernServer | undefined;
  /** How long the server took to show that it can serve, in milliseconds. */
  #startTime = 0;
  /** Why the server cannot be had in the modern era either. */
  #modernError: string | undefined;
  #stopped = false;
  #changing: Promise<void> | undefined;
  /** What ends the lanes that lead to the server as it is now. */
  #ends = new Set<(reason: GatewayError) => void>();
  onStatus: (() => void) | undefined;

  /** @param make the server in either era, not yet started */
  constructor(make: MakeServer, options: ErasOptions, log: Logger) {
    this.#make = make;
    this.#options = options;
    this.#log = log;
    this.#offered = OfferedTools.of(options.service, { patterns: options.tools ?? [], review: options.review }, log);
    this.#backend = this.#watched(make.legacy());
    // Whatever stands in front of the server looks at modern requests before they are translated.
    this.#toLegacy = new ToLegacyEndpoint({ lane: (client, ended) => this.#laneToServer(client, ended) }, options);
  }

  get status(): Status {
    const { status } = this.#backend.supervisor;
    if (!status.refused || status.ready || this.#modernError === undefined) return status;
    return { ...status, error: `${status.error} Nor does it serve MCP 2026-07-28: ${this.#modernError}` };
  }

  get hasServed(): boolean {
    return this.#backend.supervisor.hasServed;
  }

  get children(): number {
    const beside = this.#modern && !(this.#backend instanceof ToModernBackend) ? this.#modern.supervisor.children : 0;
    return this.#backend.supervisor.children + beside;
  }

  get restarts(): number {
    const { supervisor } = this.#backend;
    const beside = this.#modern?.supervisor;
    return (supervisor.restarts ?? 0) + (beside === undefined || beside === supervisor ? 0 : beside.restarts);
  }

  /** The tools that modern clients are served; undefined when they only find them by a search. */
  get tools(): Tools | undefined {
    if (this.#isSearched) return undefined;
    return (this.#modern ?? this.#backend).supervisor.status.tools;
  }

  /** How many tools clients are offered; undefined before the server has listed them. */
  get toolCount(): number | undefined {
    const { tools } = this.status;
    return tools && this.#offered ? this.#offered.countIn(tools) : tools?.count;
  }

  /** What the tools that clients are offered are called; undefined before the server has listed them. */
  get toolNames(): readonly string[] | undefined {
    return this.status.tools?.names?.filter((name) => this.offers(name));
  }

  /** Whether clients may call a tool of this name, if the server has it. */
  offers(tool: string): boolean {
    return this.#offered?.offers(tool) ?? true;
  }

  /** The tools of the server that are not as they were reviewed, in words. */
  get unreviewed(): readonly string[] {
    return this.#offered?.unreviewed ?? [];
  }

  /** Calls of modern clients that have not been answered. */
  get openCalls(): number {
    return this.#toLegacy.openCalls + (this.#modern?.openCalls ?? 0);
  }

  start(): Promise<void> {
    return (this.#started ??= this.#start());
  }

  lane(client: LaneClient, ended: (reason: GatewayError) => void): Lane {
    const lane = this.#laneToServer(client, ended);
    const offered = this.#offered?.lane(lane) ?? lane;
    return this.#isSearched && !client.showsTools ? new SearchLane(offered) : offered;
  }

  /** Ends when the server turns out to be another. */
  #laneToServer(client: LaneClient, ended: (reason: GatewayError) => void): Lane {
    const lane = this.#backend.lane(client, ended);
    if (!this.#options.mayChange) return lane;
    this.#ends.add(ended);
    const close = lane.close.bind(lane);
    lane.close = (reason) => {
      this.#ends.delete(ended);
      return close(reason);
    };
    return lane;
  }

  async measure(): Promise<void> {
    const { supervisor } = this.#backend;
    const beside = this.#modern?.supervisor;
    await Promise.all([supervisor.measure?.(), beside === supervisor ? undefined : beside?.measure()]);
    await this.#changing;
  }

  renew(): void {
    this.#backend.supervisor.renew?.();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#toLegacy.stop();
    // The modern server first, so that it ends its subscriptions in good order before its process.
    await Promise.all([this.#modern?.stop(), this.#backend.supervisor.stop(), this.#probing?.stop()]);
  }

  /** What answers modern requests, if that is known; else `decide` finds out. */
  get modern(): ModernEndpoint | undefined {
    return this.#answering && this.#asShown(this.#answering);
  }

  /** Finds out what answers modern requests: the server itself if it can, else a translation. */
  async decide(): Promise<ModernEndpoint> {
    this.#deciding ??= this.#decide().finally(() => (this.#deciding = undefined));
    return this.#asShown(await this.#deciding);
  }

  get #isSearched(): boolean {
    return this.#options.discovery === "search";
  }

  /** The tools that are offered, and how they are shown. */
  #asShown(endpoint: ModernEndpoint): ModernEndpoint {
    const offered = this.#offered?.endpoint(endpoint) ?? endpoint;
    if (!this.#isSearched) return offered;
    const shown = this.#shown.get(offered) ?? new SearchEndpoint(offered);
    this.#shown.set(offered, shown);
    return shown;
  }

  async #start(): Promise<void> {
    const began = performance.now();
    await this.#backend.supervisor.start();
    this.#startTime = performance.now() - began;
    if (this.#isRefused) await this.#becomeModern();
  }

  async #decide(): Promise<ModernEndpoint> {
    await this.start();
    if (this.#isRefused) await this.#becomeModern();
    else if (this.#options.mayProbe && this.status.ready && !(await this.#probedInTime())) return this.#toLegacy;
    const answering = this.#modern ?? this.#toLegacy;
    if (this.#modern || this.status.ready) this.#answering = answering; // otherwise it may have failed for another reason
    return answering;
  }

  /**
   * Probes the server, which goes on when it takes long: a legacy server may stay silent, and its client must not wait for
   * that. Until the outcome is known, modern requests are translated.
   * @returns whether the outcome is known
   */
  async #probedInTime(): Promise<boolean> {
    if (this.#modern) return true;
    const patience = Math.min(Math.max(MIN_PATIENCE, PATIENCE_STARTS * this.#startTime), MAX_PATIENCE);
    this.#probedBeside ??= this.#probe(PROBE_TIME + PROBE_STARTS * this.#startTime)
      .then((modern) => void (this.#modern ??= modern))
      .finally(() => {
        this.#probedBeside = undefined;
        if (this.#modern || this.status.ready) this.#answering = this.#modern ?? this.#toLegacy;
      });
    const late = new AbortController();
    const outcome = this.#probedBeside.then(() => true);
    const inTime = await Promise.race([outcome, sleep(patience, false, { signal: late.signal }).catch(() => false)]);
    late.abort();
    if (!inTime) this.#answering = this.#toLegacy;
    return inTime;
  }

  #watched(backend: Backend): Backend {
    const { supervisor } = backend;
    const check = () => supervisor.status.tools && this.#offered?.checkWith(supervisor.status.tools);
    check();
    supervisor.onStatus = () => {
      check();
      this.onStatus?.();
      this.#reconsider();
    };
    return backend;
  }

  /** An upstream that refuses the era that it spoke, or that it was taken for while it was down, may speak the other one. */
  #reconsider(): void {
    if (!this.#options.mayChange || this.#stopped) return;
    if (this.#backend.supervisor.status.refused) void this.#change();
    else if (this.#modern?.supervisor.status.refused) void this.#forgetModern();
  }

  #change(): Promise<void> {
    return (this.#changing ??= this.#changeEra().finally(() => (this.#changing = undefined)));
  }

  /** What it was goes on, and is asked again and again, until the upstream has shown to be of the other era. */
  async #changeEra(): Promise<void> {
    if (this.#backend instanceof ToModernBackend) {
      const legacy = this.#make.legacy();
      await legacy.supervisor.start();
      if (this.#stopped || !legacy.supervisor.status.ready) return legacy.supervisor.stop();
      this.#replace(legacy);
      return this.#forgetModern();
    }
    const old = this.#backend.supervisor;
    const modern = this.#modern ?? (await this.#probe());
    if (this.#stopped || !modern) return;
    this.#modern = modern;
    this.#replace(new ToModernBackend(modern));
    await old.stop();
  }

  /** Sessions with the server as it was are over; their clients open new ones. */
  #replace(backend: Backend): void {
    const sessions = this.#ends.size;
    if (sessions > 0) this.#log.warn({ sessions }, "the server has come back in another era: its sessions end");
    this.#backend = this.#watched(backend);
    this.#answering = this.#modern && backend instanceof ToModernBackend ? this.#modern : undefined;
    const reason = new GatewayError("session-not-found");
    const ends = this.#ends;
    this.#ends = new Set();
    for (const end of ends) end(reason);
    this.onStatus?.();
  }

  /** Modern requests are translated until the server is known to serve them again. */
  async #forgetModern(): Promise<void> {
    const modern = this.#modern;
    this.#modern = undefined;
    this.#answering = undefined;
    await modern?.stop();
  }

  /** A process that has served sessions is a legacy one, and may refuse for a while for reasons of its own. */
  get #isRefused(): boolean {
    return this.#backend.supervisor.status.refused && !this.hasServed;
  }

  /**
   * The server refuses `initialize`: sessions reach it in the modern era, if it speaks that. Meanwhile nothing starts it in
   * the legacy one, so that there is at most one process.
   */
  async #becomeModern(): Promise<void> {
    if (this.#options.mayChange) return this.#change();
    if (performance.now() < this.#nextProbe) return;
    await this.#backend.supervisor.stop();
    this.#modern = await this.#probe(); // without a time limit of its own: there is nothing else that it could be
    if (this.#stopped) return;
    this.#backend = this.#watched(this.#modern ? new ToModernBackend(this.#modern) : this.#make.legacy());
    if (!this.#modern) await this.#backend.supervisor.start();
  }

  /**
   * @param timeout milliseconds that it may take @default - as long as a start may take
   * @returns the server in the modern era, up; undefined when it does not speak it
   */
  async #probe(timeout?: number): Promise<ModernServer | undefined> {
    if (performance.now() < this.#nextProbe) return undefined;
    this.#nextProbe = performance.now() + (this.#options.mayChange ? UPSTREAM_PROBE_PAUSE : PROBE_PAUSE);
    const modern = this.#make.modern?.();
    if (!modern) return undefined;
    this.#probing = modern;
    const timer = timeout === undefined ? undefined : setTimeout(() => void modern.stop(), timeout);
    const isModern = await modern.supervisor.up().then(
      () => true,
      () => false,
    );
    clearTimeout(timer);
    this.#probing = undefined;
    this.#modernError = modern.supervisor.status.error;
    this.#log.debug({ isModern, error: this.#modernError }, "asked the server for MCP 2026-07-28");
    if (isModern) this.#log.info("the server serves MCP 2026-07-28");
    if (isModern && !this.#stopped) {
      if (this.#options.mayChange) modern.supervisor.onStatus = () => this.#reconsider();
      return modern;
    }
    await modern.stop();
    return undefined;
  }
}
