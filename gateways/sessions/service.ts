/** One service of the catalog as it runs: its server, its sessions, and the state it is in. */
import { setTimeout as sleep } from "node:timers/promises";
import { startFailed } from "../bridge/start-failed.ts";
import type { Tools } from "../bridge/tools.ts";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { LastHour } from "../last-hour.ts";
import type { Principal } from "../principal.ts";
import { told } from "../secrets.ts";
import type { GroupMembers } from "./groups/group-members.ts";
import type { Replica } from "./replicas/replica.ts";
import type { ExecutionLock } from "./replicas/serial-lock.ts";
import type { Lane, LaneClient, ModernEndpoint, Status } from "./servers/contract.ts";
import { ToolListChanges } from "./tools/list-changes.ts";
import { Sessions, type SessionEvent, type SessionsOptions } from "./sessions.ts";
import type { Eras } from "./translation/detect-era.ts";

/** Milliseconds until a server that has not shown that it answers counts as one that does not. */
const READY_TIME = 5_000;

export type ServiceState = "starting" | "up" | "needs" | "failed" | "stopped";

/** Who wants to know what becomes of a service. What is called must not throw. */
export interface ServiceWatcher {
  /** Its state, its error or the number of its tools has changed. */
  readonly service?: (service: Service) => void;
  readonly session?: (service: Service, event: SessionEvent) => void;
}

/** Whether a service's own secret is of any use where it is used. */
export interface SecretCheck {
  /** Why it is not, in a sentence; undefined = it is, or nobody knows. */
  readonly refused: string | undefined;
  /** Called when that has changed. */
  onChange: (() => void) | undefined;
  /** Resolves when it has been asked about once. */
  start(): Promise<void>;
  stop(): void;
}

/** What a service is, whether or not it can run. */
export interface ServiceIdentity {
  /** The key in the catalog. */
  readonly name: string;
  readonly version: string | undefined;
}

/** A service that can run, or what it needs before it can. */
export type Runnable =
  | {
      readonly eras: Eras;
      readonly sessions: SessionsOptions;
      /** When its list of tools changes. @default it never does */
      readonly toolListChanges?: ToolListChanges;
      /** The package runner that starts the server, and may have to install it first. @default none */
      readonly runner?: string | undefined;
      /** Of a group: that of its serial members. @default - it has none */
      readonly lock?: ExecutionLock | undefined;
      /** Of a group. @default - it is none */
      readonly members?: GroupMembers<Service> | undefined;
      /** Milliseconds that requests wait for the first start. @default until it is over */
      readonly patience?: number | undefined;
      /** What knows whether its own secret is of any use. @default it needs none */
      readonly ownSecret?: SecretCheck | undefined;
      /** Whether its server is started by the first who needs it. @default false */
      readonly isLazy?: boolean;
    }
  | { readonly needs: string; readonly remedy?: string | undefined }
  | { readonly failed: string };

/** What to do where whoever configured the gateway does not say. */
const REMEDY = "Install what it needs, or set it in the environment if it is a variable, then start again.";

/** One service: starting, up, failed, in need of something, or stopped. */
export class Service {
  readonly name: string;
  readonly #version: string | undefined;
  /** What it needs before it can run, in words that finish "it needs ..."; undefined when it can. */
  readonly needs: string | undefined;
  /** Why it cannot run, whatever it is given; undefined when it can. */
  readonly #failed: string | undefined;
  /** What to do about that, in a sentence. */
  readonly remedy: string;
  /** The package runner that its first start may wait for. */
  readonly runner: string | undefined;
  /** Why the service cannot be reached on its own port, for the operator. It is up on the hub all the same. */
  portError: string | undefined;
  readonly #eras: Eras | undefined;
  readonly #sessions: Sessions | undefined;
  readonly #patience: number | undefined;
  readonly #ownSecret: SecretCheck | undefined;
  readonly #isLazy: boolean = false;
  /** Whether its server waits for the first who needs it. */
  #isAwaited = false;
  #late: Promise<never> | undefined;
  #settled = false;
  #stopping = false;
  #stopped = false;
  readonly #watcher: ServiceWatcher;
  /** Called after every change of its state: of the groups that do without it meanwhile. What is called must not throw. */
  readonly onChange = new Set<() => void>();
  /** Its calls of tools: those of its own clients, and those that came through a group. */
  readonly lastHour = new LastHour();
  /** What its server says of changes of its tools. */
  readonly toolListChanges: ToolListChanges;
  /** Since when it is in the state that it is in. */
  #since = new Date();
  #lastState: ServiceState = "starting";
  /** What was told last. */
  #told: string | undefined;
  #starting: Promise<void> | undefined;
  #checkingSecret: Promise<void> | undefined;
  /** Requests that wait until it is clear what the server is, or for another gateway. */
  #waiting = 0;
  /** What this gateway shares with the other gateways of the service; undefined = there are none. */
  readonly replica: Replica | undefined;
  /** What this gateway must hold to execute calls; undefined = nothing. */
  readonly lock: ExecutionLock | undefined;
  /** What it is made of; undefined = it is no group. */
  readonly members: GroupMembers<Service> | undefined;

  constructor(identity: ServiceIdentity, runnable: Runnable, log: Logger, watcher: ServiceWatcher = {}) {
    this.name = identity.name;
    this.#version = identity.version;
    this.#watcher = watcher;
    this.needs = "needs" in runnable ? told(runnable.needs) : undefined;
    this.remedy = ("needs" in runnable ? runnable.remedy : undefined) ?? REMEDY;
    this.#failed = "failed" in runnable ? runnable.failed : undefined;
    this.toolListChanges = ("eras" in runnable ? runnable.toolListChanges : undefined) ?? new ToolListChanges();
    this.runner = "runner" in runnable ? runnable.runner : undefined;
    if (!("eras" in runnable)) return;
    this.#eras = runnable.eras;
    this.#patience = runnable.patience;
    this.#ownSecret = runnable.ownSecret;
    this.members = runnable.members;
    this.#isLazy = runnable.isLazy ?? false;
    if (this.#ownSecret) this.#ownSecret.onChange = () => this.#tellChange();
    this.replica = runnable.sessions.replica;
    this.lock = this.replica?.serialLock ?? runnable.lock;
    if (this.replica?.serialLock) this.replica.serialLock.onTaken = () => runnable.eras.renew();
    runnable.eras.onStatus = () => this.#tellChange();
    this.#sessions = new Sessions(runnable.sessions, runnable.eras, log, (event) => watcher.session?.(this, event));
  }

  /** What was set, or what the server reports; "0.0.0" before it has. */
  get version(): string {
    return told(this.#version ?? this.#status?.version ?? "0.0.0", { limit: 100 });
  }

  get state(): ServiceState {
    if (this.#stopped) return "stopped";
    if (this.needs !== undefined) return "needs";
    if (this.#failed !== undefined) return "failed";
    if (!this.#settled) return "starting";
    if (this.ready) return "up";
    return this.#fault === undefined ? "starting" : "failed"; // restarted on purpose
  }

  /** Since when it is in that state. */
  get since(): Date {
    return this.#since;
  }

  get ready(): boolean {
    return this.#ownSecret?.refused === undefined && (this.#isAwaited || (this.#status?.ready ?? false));
  }

  /** Whether no process of its server runs because nobody needs one: the next call starts it. */
  get rests(): boolean {
    return this.#isAwaited || (this.#eras?.rests ?? false);
  }

  /** Why it is not ready, where something is wrong. */
  get #fault(): string | undefined {
    return this.#ownSecret?.refused ?? this.#status?.error;
  }

  /** Whether its server answers now. */
  async isReady(): Promise<boolean> {
    const late = new AbortController();
    const measured = this.#eras?.measure().then(() => true) ?? Promise.resolve(true);
    const timely = sleep(READY_TIME, false, { signal: late.signal }).catch(() => false);
    const answered = await Promise.race([measured, timely]);
    late.abort();
    return answered && this.ready;
  }

  get tools(): number | undefined {
    return this.#eras?.toolCount;
  }

  /** What its tools are called, as far as they are known. */
  get toolNames(): readonly string[] {
    return this.#eras?.toolNames ?? [];
  }

  /** The tools of its server that are not as they were reviewed, in words: `read_graph (changed)`. */
  get unreviewed(): readonly string[] {
    return this.#eras?.unreviewed ?? [];
  }

  get error(): string | undefined {
    const error =
      (this.state === "failed" ? (this.#failed ?? this.#fault) : undefined) ?? this.portError ?? this.#status?.partial;
    return error === undefined ? undefined : told(error);
  }

  /** The last lines of its server's stderr when it failed. */
  get lastStderr(): string | undefined {
    return this.#status?.lastStderr;
  }

  get children(): number {
    return this.#eras?.children ?? 0;
  }

  /** How often its server has ended by itself. */
  get restarts(): number {
    return this.#eras?.restarts ?? 0;
  }

  /** Sessions that are open. */
  get sessionCount(): number {
    return this.#sessions?.size ?? 0;
  }

  /** The list of tools that is known now: another one after every start. */
  get listedTools(): Tools | undefined {
    return this.#status?.tools;
  }

  /** A way to its server beside those of its sessions. @throws GatewayError `service-needs` when the service cannot run */
  lane(client: LaneClient, ended: (reason: GatewayError) => void): Lane {
    if (!this.#eras) throw this.#cannotRun();
    this.#startIfAwaited();
    return this.#eras.lane(client, ended);
  }

  /** Calls that have not been answered. */
  get openCalls(): number {
    return (this.#sessions?.openCalls ?? 0) + (this.#eras?.openCalls ?? 0) + this.#waiting;
  }

  /** Those of them that have not reached the server: it takes one at a time, or is not up. */
  get waitingCalls(): number {
    return (this.#eras?.waiting ?? 0) + this.#waiting;
  }

  hasSession(id: string | undefined): boolean {
    return this.#sessions?.has(id) ?? false;
  }

  /** @throws GatewayError `service-needs` when the service cannot run */
  get sessions(): Sessions {
    if (!this.#sessions) throw this.#cannotRun();
    return this.#sessions;
  }

  /** Ends the sessions of principals that may no longer call. */
  endSessions(isOver: (principal: Principal) => boolean): void {
    this.#sessions?.endOf(isOver);
  }

  /** The tools that modern clients are served; undefined before the server has listed them. */
  get modernTools(): Tools | undefined {
    return this.#eras?.tools;
  }

  /** Whether clients may call a tool of this name, if its server has it. @param principal this one @default anybody */
  offers(tool: string, principal?: Principal): boolean {
    return this.#eras?.offers(tool, principal) ?? true;
  }

  /** Whether a principal may use anything of the service. */
  admits(principal: Principal): boolean {
    return this.#eras?.admits(principal) ?? true;
  }

  /** What answers requests of the modern era. @throws GatewayError `service-needs` when the service cannot run */
  modern(): ModernEndpoint | Promise<ModernEndpoint> {
    if (!this.#eras) throw this.#cannotRun();
    this.#startIfAwaited();
    return this.#eras.modern ?? this.#whenStarted(this.#eras.decide());
  }

  /** Resolves when the server has started or failed once: before, it is not clear which era it speaks. */
  async settled(): Promise<void> {
    if (!this.#settled && this.#starting) await this.#whenStarted(this.#starting);
  }

  /** The same for somebody who needs it: a lazy one starts now. */
  async awake(): Promise<void> {
    this.#startIfAwaited();
    await this.settled();
  }

  /** Waits for the first start, but not for an install. @throws GatewayError `still-installing` */
  #whenStarted<T>(promise: Promise<T>): Promise<T> {
    return this.wait(this.#settled || !this.#late ? promise : Promise.race([promise, this.#late]));
  }

  /**
   * Starts its server. Resolves when it is up or has failed once.
   * @param proves whether also a lazy one is started: it shows that it can, and ends again
   */
  async start({ proves = false } = {}): Promise<void> {
    if (this.#isLazy && !proves) return this.#awaitUse();
    await this.#startNow();
    if (this.#isLazy && this.ready) await this.#eras?.rest();
  }

  async #awaitUse(): Promise<void> {
    this.#isAwaited = true;
    this.#tellChange();
    await (this.#checkingSecret ??= this.#ownSecret?.start());
    this.#settled = true;
    this.#tellChange();
  }

  #startIfAwaited(): void {
    if (!this.#isAwaited || this.#stopping) return;
    this.#isAwaited = false;
    this.#settled = false;
    this.#starting = this.#startNow();
  }

  async #startNow(): Promise<void> {
    this.#starting = this.#eras?.start();
    this.#tellChange();
    const over = new AbortController();
    if (this.#patience !== undefined) this.#late = this.#giveUpAfter(this.#patience, over.signal);
    await Promise.all([this.#starting, (this.#checkingSecret ??= this.#ownSecret?.start())]);
    this.#settled = true;
    over.abort();
    this.#tellChange();
  }

  /** Rejects after so many milliseconds, unless the signal comes first. */
  #giveUpAfter(patience: number, signal: AbortSignal): Promise<never> {
    const late = sleep(patience, undefined, { signal, ref: false }).then(
      () => Promise.reject(new GatewayError("still-installing", { service: this.name })),
      () => new Promise<never>(() => {}),
    );
    late.catch(() => {}); // perhaps nobody waits for it
    return late;
  }

  /** Other gateways may take over the sessions at once, and the serial lock when the server has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#ownSecret?.stop();
    this.replica?.endForwarded();
    await this.#sessions?.handOver();
    await this.#eras?.stop(); // first, so that open calls fail with its reason before their streams end
    await this.#sessions?.stop(new GatewayError("shutting-down"));
    this.replica?.serialLock?.release();
    this.#stopped = true;
    this.#tellChange();
  }

  /** Waits for something that the end of the gateway must wait for too, as it does for a call. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    this.#waiting++;
    try {
      return await promise;
    } finally {
      this.#waiting--;
    }
  }

  /** Tells what has changed. What happens to a server while it is being stopped is no news. */
  #tellChange(): void {
    const { state, error, tools } = this;
    if (state !== this.#lastState) {
      this.#lastState = state;
      this.#since = new Date();
    }
    const told = JSON.stringify([state, error, state === "up" ? tools : undefined]);
    if (told === this.#told || (this.#stopping && !this.#stopped)) return;
    if (this.#told === undefined && this.#stopped) return; // it was never started
    this.#told = told;
    this.#watcher.service?.(this);
    for (const changed of this.onChange) changed();
  }

  get #status(): Status | undefined {
    return this.#eras?.status;
  }

  #cannotRun(): GatewayError {
    if (this.#failed !== undefined)
      return startFailed(this.name, { reason: this.#failed, hint: "Mend that, then start again." });
    return new GatewayError("service-needs", { service: this.name, needs: this.needs, remedy: this.remedy });
  }
}
