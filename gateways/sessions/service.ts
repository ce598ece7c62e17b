/** One service of the catalog as it runs: its server, its sessions, and the state it is in. Knows nothing of HTTP. */
import type { Tools } from "../bridge/tools.ts";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Eras } from "./translation/detect-era.ts";
import type { Replica } from "./replicas/replica.ts";
import { Sessions, type SessionsOptions } from "./sessions.ts";
import type { ModernEndpoint } from "./servers/modern-contract.ts";

export type ServiceState = "starting" | "up" | "needs" | "failed";

/** What a service is, whether or not it can run. */
export interface ServiceIdentity {
  /** The key in the catalog. */
  readonly name: string;
  readonly version: string | undefined;
}

/** A service that can run, or what it lacks. */
export type Runnable = { readonly eras: Eras; readonly sessions: SessionsOptions } | { readonly needs: string };

/** One service: up, starting, failed, or in need of something. */
export class Service {
  readonly name: string;
  readonly #version: string | undefined;
  /** What it lacks, in words that finish "it needs ..."; undefined when it can run. */
  readonly needs: string | undefined;
  /** Why the service cannot be reached on its own port, for the operator. */
  portError: string | undefined;
  readonly #eras: Eras | undefined;
  readonly #sessions: Sessions | undefined;
  #settled = false;
  #starting: Promise<void> | undefined;
  /** Requests that wait until it is clear what the server is, or for another gateway. */
  #waiting = 0;
  /** What it shares with the other gateways of the service; undefined = there are none. */
  readonly replica: Replica | undefined;

  constructor(identity: ServiceIdentity, runnable: Runnable, log: Logger) {
    this.name = identity.name;
    this.#version = identity.version;
    this.needs = "needs" in runnable ? runnable.needs : undefined;
    if ("needs" in runnable) return;
    this.#eras = runnable.eras;
    this.replica = runnable.sessions.replica;
    if (this.replica?.serialLock) this.replica.serialLock.onTaken = () => runnable.eras.renew();
    this.#sessions = new Sessions(runnable.sessions, runnable.eras, log);
  }

  /** What was set, or what the server says of itself; "0.0.0" before it has. */
  get version(): string {
    return this.#version ?? this.#eras?.status.version ?? "0.0.0";
  }

  get state(): ServiceState {
    if (this.needs !== undefined) return "needs";
    if (this.portError !== undefined) return "failed";
    if (!this.#settled) return "starting";
    return this.#eras?.status.ready ? "up" : "failed";
  }

  get ready(): boolean {
    return this.#eras?.status.ready ?? false;
  }

  get tools(): number | undefined {
    return this.#eras?.status.tools?.count;
  }

  get error(): string | undefined {
    return this.portError ?? (this.state === "failed" ? this.#eras?.status.error : undefined);
  }

  /** What its server wrote last to its standard error when it failed. */
  get lastStderr(): string | undefined {
    return this.#eras?.status.lastStderr;
  }

  get children(): number {
    return this.#eras?.children ?? 0;
  }

  /** Calls that have not been answered. */
  get openCalls(): number {
    return (this.#sessions?.openCalls ?? 0) + (this.#eras?.openCalls ?? 0) + this.#waiting;
  }

  hasSession(id: string | undefined): boolean {
    return this.#sessions?.has(id) ?? false;
  }

  /** @throws GatewayError `service-needs` when the service lacks something */
  get sessions(): Sessions {
    if (!this.#sessions) throw new GatewayError("service-needs", { service: this.name, needs: this.needs });
    return this.#sessions;
  }

  /** The tools that modern clients are served; undefined before the server has listed them. */
  get modernTools(): Tools | undefined {
    return this.#eras?.tools;
  }

  /** Who answers requests of the modern era. @throws GatewayError `service-needs` when the service lacks something */
  stateless(): ModernEndpoint | Promise<ModernEndpoint> {
    if (!this.#eras) throw new GatewayError("service-needs", { service: this.name, needs: this.needs });
    return this.#eras.stateless ?? this.wait(this.#eras.decide());
  }

  /** Resolves when the server has started or failed once: before, it is not clear which era it is of. */
  async settled(): Promise<void> {
    if (!this.#settled && this.#starting) await this.wait(this.#starting);
  }

  /** Where other gateways of the service reach this one: `host:port`, on a hub with `/<service>`. */
  listensAt(address: string): void {
    if (!this.replica) return;
    this.replica.address = address;
    this.replica.serialLock?.ready();
  }

  /** Starts its server. Resolves when it is up or has failed once. */
  async start(): Promise<void> {
    this.#starting = this.#eras?.start();
    await this.#starting;
    this.#settled = true;
  }

  /** Other gateways may have the sessions at once, and the right to execute calls when the server has ended. */
  async stop(): Promise<void> {
    this.#sessions?.handOver();
    await this.#eras?.stop(); // first, so that open calls hear of it before their streams end
    await this.#sessions?.stop(new GatewayError("shutting-down"));
    this.replica?.serialLock?.release();
    this.replica?.endStreams();
  }

  /** Something that the end of the gateway waits for, as it does for a call. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    this.#waiting++;
    try {
      return await promise;
    } finally {
      this.#waiting--;
    }
  }
}
