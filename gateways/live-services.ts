/** The services of a gateway while it runs: each can be added, exchanged and taken away without the others noticing. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceConfig } from "./config.ts";
import { serviceChanges, type ServiceChanges } from "./config/changes.ts";
import { groupsLast } from "./hub.ts";
import type { Served } from "./served.ts";
import type { Service } from "./sessions/service.ts";

/** What a gateway does for its services. */
export interface ForServices {
  /** A service as it is served, not yet started. @param others where a group finds its members @throws ConfigError */
  serve(config: ServiceConfig, others: LiveServices): Served;
  /** The same service with another configuration, where its server need not be started again; undefined = it has to be. */
  refreshed(before: Placed, config: ServiceConfig, keys: readonly string[]): Served | undefined;
  /** It takes requests now, in place of whatever had its name. */
  placed(served: Served, config: ServiceConfig): void;
  /** Nobody has its name any more. */
  removed(name: string): void;
  /** Milliseconds that the open calls of one that leaves have to finish. */
  readonly drainTimeout: number;
}

/** Who wants to know how changes go on. What is called must not throw. */
export interface ChangeWatcher {
  /** A service that is new, or that has replaced another, is up, or has failed once. @param took milliseconds of its start */
  readonly settled?: (service: Service, took: number) => void;
  /** A service could not be replaced: the one before goes on. */
  readonly kept?: (name: string, reason: string) => void;
  /** A service that was taken away, or replaced, has finished its calls. */
  readonly ended?: (service: Service) => void;
}

/** A service with the configuration that it is served with. */
export interface Placed {
  readonly config: ServiceConfig;
  readonly served: Served;
}

/** By name, in the order in which they were configured. */
export class LiveServices {
  readonly #gateway: ForServices;
  readonly #running = new Map<string, Placed>();
  /** Those that will replace one of the same name, once they are up. */
  readonly #coming = new Map<string, Placed>();
  readonly #ending = new Set<Promise<void>>();
  #order: readonly string[];
  #stopping = false;

  /** @throws ConfigError */
  constructor(configs: readonly ServiceConfig[], gateway: ForServices) {
    this.#gateway = gateway;
    this.#order = configs.map(({ name }) => name);
    for (const config of groupsLast(configs))
      this.#running.set(config.name, { config, served: gateway.serve(config, this) });
  }

  /** Those that take requests. */
  get all(): Served[] {
    return this.#order.flatMap((name) => this.#running.get(name)?.served ?? []);
  }

  get(name: string): Served | undefined {
    return this.#running.get(name)?.served;
  }

  get configs(): ServiceConfig[] {
    return this.#order.flatMap((name) => this.#running.get(name)?.config ?? []);
  }

  /** Resolves when nothing that has left is still answering calls. */
  async ended(): Promise<void> {
    this.#stopping = true;
    for (const name of this.#coming.keys()) this.#discard(name);
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  /**
   * Begins with what differs, and does not wait: another change may come while the servers of this one start.
   * @returns what differs from what runs, or is about to @throws ConfigError when one cannot be served; nothing has changed then
   */
  change(configs: readonly ServiceConfig[], watcher: ChangeWatcher): ServiceChanges {
    const wanted = new Map([...this.#running, ...this.#coming].map(([name, { config }]) => [name, config]));
    const changes = serviceChanges(wanted, configs);
    const added = groupsLast(changes.added).map((config) => ({ config, served: this.#gateway.serve(config, this) }));
    this.#order = configs.map(({ name }) => name);
    for (const name of changes.gone) this.#remove(name, watcher);
    for (const one of added) this.#add(one, watcher);
    for (const { config } of changes.changed) this.#change(config, watcher);
    return changes;
  }

  #add(one: Placed, watcher: ChangeWatcher): void {
    const { service } = one.served;
    this.#place(one);
    void timed(service.start()).then((took) => watcher.settled?.(service, took));
  }

  #remove(name: string, watcher: ChangeWatcher): void {
    this.#discard(name);
    const { served } = this.#running.get(name)!;
    this.#running.delete(name);
    void this.#end(served, watcher);
    this.#gateway.removed(name);
  }

  #change(config: ServiceConfig, watcher: ChangeWatcher): void {
    this.#discard(config.name);
    const before = this.#running.get(config.name)!;
    const [changed] = serviceChanges(new Map([[config.name, before.config]]), [config]).changed;
    if (!changed) return; // as it was, after all
    const refreshed = this.#gateway.refreshed(before, config, changed.keys);
    if (refreshed) return this.#place({ config, served: refreshed });
    try {
      void this.#replace(before, { config, served: this.#gateway.serve(config, this) }, watcher);
    } catch (error) {
      watcher.kept?.(config.name, (error as Error).message);
    }
  }

  /** The new one takes over when it is up; one that cannot run does not take the place of one that does. */
  async #replace(before: Placed, next: Placed, watcher: ChangeWatcher): Promise<void> {
    if (mayNotRunTwice(before.config) || mayNotRunTwice(next.config))
      return this.#replaceAfterwards(before, next, watcher);
    const { name } = next.config;
    const { service } = next.served;
    this.#coming.set(name, next);
    const took = await timed(service.start());
    if (this.#coming.get(name) !== next) return;
    this.#coming.delete(name);
    if (!service.ready && before.served.service.ready) {
      watcher.kept?.(name, whyNot(service));
      return this.#close(next.served);
    }
    this.#place(next);
    watcher.settled?.(service, took);
    await this.#end(before.served, watcher);
  }

  /** Its calls wait until the one before has ended. Where it cannot run, the one before is started again. */
  async #replaceAfterwards(before: Placed, next: Placed, watcher: ChangeWatcher): Promise<void> {
    const wasReady = before.served.service.ready;
    const { service } = next.served;
    next.served.waitsFor = this.#end(before.served, watcher);
    this.#place(next);
    await next.served.waitsFor;
    next.served.waitsFor = undefined;
    const isCurrent = () => this.#running.get(service.name) === next && !this.#stopping;
    const took = isCurrent() ? await timed(service.start()) : 0;
    if (!isCurrent()) return;
    if (service.ready || !wasReady) return watcher.settled?.(service, took);
    watcher.kept?.(service.name, whyNot(service));
    const again = { config: before.config, served: this.#gateway.serve(before.config, this) };
    await this.#replaceAfterwards(next, again, watcher);
  }

  #place(one: Placed): void {
    this.#running.set(one.config.name, one);
    this.#gateway.placed(one.served, one.config);
  }

  /** Another change has come before it was up. */
  #discard(name: string): void {
    const coming = this.#coming.get(name);
    this.#coming.delete(name);
    if (coming) this.#track(this.#close(coming.served));
  }

  #end(served: Served, watcher: ChangeWatcher): Promise<void> {
    const ended = this.#drain(served).then(() => watcher.ended?.(served.service));
    this.#track(ended);
    return ended;
  }

  #track(ending: Promise<void>): void {
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  /** Lets its open calls finish; then it ends. */
  async #drain(served: Served): Promise<void> {
    const deadline = performance.now() + this.#gateway.drainTimeout;
    served.replicas.drain(deadline);
    for (const way of new Set(served.transports.values())) way.drain?.();
    while (performance.now() < deadline && served.service.openCalls > 0) await sleep(20);
    await this.#close(served);
  }

  async #close({ service, heartbeat, auth }: Served): Promise<void> {
    await service.stop();
    heartbeat.stop();
    auth.stop?.();
    await service.replica?.close();
  }
}

/** One process for all, or a folder that a process has for itself: two at once would not know of each other. */
const mayNotRunTwice = ({ server, isolation, stateDir }: ServiceConfig): boolean =>
  (server.kind === "stdio" && isolation === "shared") || stateDir !== undefined;

async function timed(start: Promise<void>): Promise<number> {
  const since = performance.now();
  await start;
  return performance.now() - since;
}

const whyNot = ({ error, needs, state }: Service): string =>
  needs === undefined ? (error ?? `it is ${state}`) : `it needs ${needs}`;
