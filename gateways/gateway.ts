/** A whole gateway: its services, its ports, and how it starts and stops. Puts the parts together. */
import type { RequestListener } from "node:http";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { createApp, type Route } from "./app.ts";
import { ConfigError, type GatewayConfig, type ServiceConfig } from "./config.ts";
import { isExposed } from "./config/callers.ts";
import { liveConfig, waitingForStart, type ServiceChanges } from "./config/changes.ts";
import { Connections } from "./connections.ts";
import { GatewayError } from "./errors.ts";
import { hubHealth, type Address } from "./health.ts";
import { encode } from "./jsonrpc.ts";
import { nameIn, type HostNames } from "./limits/host-and-origin.ts";
import { Refusals } from "./limits/refusals.ts";
import { TrustedProxies } from "./limits/trusted-proxies.ts";
import { allAsOne } from "./hub.ts";
import { LiveServices, type ChangeWatcher } from "./live-services.ts";
import { ownNames } from "./own-names.ts";
import { learnSecrets } from "./known-secrets.ts";
import { audit, type Logger } from "./log.ts";
import { defaultBudget, MemoryBudget } from "./memory-budget.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { Principal } from "./principal.ts";
import { OpenLogins } from "./open-logins.ts";
import { OpenPorts } from "./open-ports.ts";
import type { KeyDoor, PagePort } from "./page/addresses.ts";
import { PageDoor, type PageAtPort } from "./page/door.ts";
import { knownServices } from "./page/who-knows-more.ts";
import { limitsOf, pagesFor, refreshed, serve, type OfServing } from "./serve.ts";
import type { Served } from "./served.ts";
import type { Service, ServiceWatcher } from "./sessions/service.ts";
import { Tracer } from "./tracing/tracer.ts";
import type { Exchange } from "./transports/exchange.ts";
import { Heartbeat } from "./transports/heartbeat.ts";
import { asksForPage } from "./transports/media-types.ts";
import { VERSION } from "./version.ts";

/**
 * Milliseconds at the end of the drain delay in which every answer closes its connection, so that a proxy keeps none open;
 * and at most as long again is waited for connections on which no request has come yet.
 */
const CLOSING_TIME = 1_000;

/** How a gateway starts. */
export interface Starting {
  readonly portFirst: boolean;
  readonly settled?: ((service: Service) => void) | undefined;
}

/** Who wants to know what becomes of a gateway. What is called must not throw. */
export interface GatewayWatcher extends ServiceWatcher {
  /** Its port is open. */
  readonly listening?: () => void;
}

/** What a gateway does about another configuration. */
export interface Reloaded extends ServiceChanges {
  /** Options of its own that it takes when it is started the next time. */
  readonly waiting: readonly string[];
}

/** A gateway with all its services and ports. */
export class Gateway {
  #config: GatewayConfig;
  readonly #log: Logger;
  readonly #live: LiveServices;
  readonly #ports: OpenPorts;
  readonly #memory: MemoryBudget;
  readonly #connections: Connections;
  readonly #proxies: TrustedProxies;
  readonly #refusals: Refusals;
  readonly #watcher: GatewayWatcher;
  readonly #page: PageDoor;
  readonly #logins: OpenLogins;
  readonly #pageHeartbeat: Heartbeat;
  readonly #metrics: Metrics;
  readonly #tracer: Tracer | undefined;
  /** What the hub serves at its own paths: every service, as one. */
  readonly #hub: LiveServices | undefined;
  readonly #names: Set<string> = new Set();
  #opening: Promise<void> | undefined;
  #stopping = false;
  #draining = false;

  constructor(config: GatewayConfig, log: Logger, watcher: GatewayWatcher = {}) {
    learnSecrets(config);
    this.#config = config;
    this.#log = log;
    this.#watcher = watcher;
    const { memoryBudget = defaultBudget(), maxConnections, readTimeout } = config;
    this.#proxies = proxiesOf(config);
    this.#refusals = new Refusals((fields) => audit(log, "refused", fields));
    this.#memory = new MemoryBudget(memoryBudget, maxConnections);
    this.#connections = new Connections({ max: maxConnections, readTimeout, proxies: this.#proxies }, log);
    this.#logins = new OpenLogins(() => this.#connections.answered);
    this.#ports = new OpenPorts(config, (socket) => this.#connections.accept(socket));
    const { otlpEndpoint: endpoint, otlpHeaders: headers } = config;
    this.#tracer = endpoint === undefined ? undefined : new Tracer({ endpoint, headers }, log);
    this.#live = this.#servicesOf(config.services, { watcher });
    this.#hub = config.hub
      ? this.#servicesOf([allAsOne(config)], {
          watcher: {}, // nobody has configured it, so nobody waits for news of it
          atMember: (member, principal) => this.#atMember(member, principal),
        })
      : undefined;
    this.#learnNames();
    this.#pageHeartbeat = new Heartbeat(config.heartbeat);
    this.#page = this.#openPage(config);
    const measured = { connections: this.#connections, memory: this.#memory, served: () => this.#everything };
    this.#metrics = new Metrics(config, measured, log);
  }

  /** What it runs with: what it was started with, and what it has taken since. */
  get config(): GatewayConfig {
    return this.#config;
  }

  /** The port of the hub, or of the one service; 0 while it is not open. */
  get port(): number {
    return this.#ports.main;
  }

  /** The port for static tokens alone; undefined while there is none. */
  get keyPort(): number | undefined {
    return this.#ports.forKeys;
  }

  /** The port of the metrics; undefined while there is none. */
  get metricsPort(): number | undefined {
    return this.#metrics.port;
  }

  /** What waits for its clients and servers at the moment. */
  get memory(): MemoryBudget {
    return this.#memory;
  }

  /** Whether it has been told to end. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** In the order in which they were configured. */
  get services(): Service[] {
    return this.#live.all.map(({ service }) => service);
  }

  /** The services, and the hub's own, which is all of them as one. */
  get #everything(): Served[] {
    return [...this.#live.all, ...(this.#all ? [this.#all] : [])];
  }

  get #all(): Served | undefined {
    return this.#hub?.all[0];
  }

  /** Where a service is reached: on its own port if it has one, and on the hub. */
  addressOf(service: Service): Address {
    return this.#ports.addressOf(service);
  }

  /**
   * Listens, then starts every service's server. Resolves when all have started or failed once, or when it is stopped meanwhile.
   * @param portFirst false: the port is bound only when the one service is up, so that whoever routes to it by its port
   *   alone never meets one that cannot serve
   * @param settled is called with each service as it is up or has failed once
   * @throws Error when the port of the hub or of the one service is taken, or (not `portFirst`) its server cannot start
   */
  async start({ portFirst, settled }: Starting): Promise<void> {
    this.#watchLogins();
    await this.#metrics.open();
    if (portFirst) await this.#open();
    if (this.#stopping) return;
    const all = this.#all?.service.start();
    // In a container each server shows that it can start: a release that cannot must not take traffic.
    const start = (service: Service) => service.start({ proves: !portFirst }).then(() => settled?.(service));
    await Promise.all(this.services.map(start));
    await all;
    if (this.#config.hub && !this.#stopping) this.#page.warm();
    if (portFirst || this.#stopping) return;
    const failed = this.services.find((service) => !service.ready);
    if (failed) throw new Error(failed.error ?? `${failed.name} needs ${failed.needs}`);
    await this.#open();
  }

  /** Hears of logins that end, whose streams end with them. */
  #watchLogins(): void {
    for (const { auth } of this.#everything) auth.start?.(this.#logins.watcherOf(auth));
    this.#logins.start();
  }

  #forgetLogins(): void {
    for (const { auth } of this.#everything) auth.stop?.();
    this.#logins.stop();
  }

  async #open(): Promise<void> {
    this.#opening = this.#listen();
    await this.#opening;
    if (!this.#stopping) this.#watcher.listening?.();
  }

  /**
   * Serves as usual for the drain delay, and closes connections towards its end; then accepts no more, lets open calls
   * finish, hands the sessions over to the other gateways, and ends streams and servers.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#opening?.catch(() => {}); // what is being opened must be closed, too
    // Nobody can have called a gateway that does not listen.
    const drainDelay = this.#ports.wereOpened ? this.#config.drainDelay : 0;
    const closingTime = Math.min(drainDelay, CLOSING_TIME);
    await sleep(drainDelay - closingTime);
    this.#draining = true;
    await this.#page.stop();
    await sleep(closingTime);
    const deadline = performance.now() + this.#config.drainTimeout;
    await quietTurn();
    const closed = this.#ports.stopListening();
    this.#drainStreams(deadline);
    // A connection that was made at the last moment may not have sent its request yet.
    await until(performance.now() + closingTime, () => this.#connections.size === 0);
    await until(deadline, () => this.#everything.every(({ service }) => service.openCalls === 0));
    await Promise.all([this.#live.ended(), this.#hub?.ended()]);
    this.#closeIdle();
    await this.#all?.service.stop();
    await Promise.all(this.services.map((service) => service.stop()));
    for (const { heartbeat } of this.#everything) heartbeat.stop();
    this.#pageHeartbeat.stop();
    // Answers may still be on their way to a slow client.
    await until(deadline, () => [...this.#connections.sockets].every((socket) => socket.writableLength === 0));
    for (const socket of this.#connections.sockets) socket.destroy();
    this.#connections.stop();
    await closed;
    await Promise.all([this.#metrics.close(), this.#tracer?.stop()]);
    this.#refusals.stop();
    this.#forgetLogins();
    await Promise.all(this.services.map(async ({ replica }) => replica?.close()));
    this.#ports.ended();
  }

  /** Streams that would never end by themselves end when the calls that are answered on them are over. */
  #drainStreams(deadline: number): void {
    for (const { replicas } of this.#everything) replicas.drain(deadline);
    for (const { transports } of this.#everything) for (const way of new Set(transports.values())) way.drain?.();
  }

  /** Closes idle connections, unless an answer is still on its way: it would be cut off with them. */
  #closeIdle(): void {
    if ([...this.#connections.sockets].some((socket) => socket.writableLength > 0)) return;
    this.#ports.closeIdleConnections();
  }

  /**
   * Takes another configuration while it runs: servers that are new start, those that are gone finish their calls, and those
   * that are the same notice nothing. What it takes only when it starts stays as it is.
   * @throws ConfigError when a new service cannot be served; nothing has changed then
   */
  reload(asked: GatewayConfig, watcher: ChangeWatcher = {}): Reloaded {
    const waiting = waitingForStart(this.#config, asked);
    learnSecrets(asked);
    const running = this.#config;
    this.#config = liveConfig(running, asked);
    try {
      const changes = this.#live.change(asked.services, watcher);
      this.#regroup();
      return { ...changes, waiting };
    } catch (error) {
      this.#config = running;
      throw error;
    }
  }

  #servicesOf(configs: readonly ServiceConfig[], own: Pick<OfServing, "watcher" | "atMember">): LiveServices {
    return new LiveServices(configs, {
      serve: (config, others) => {
        const members = own.atMember ? this.#live : others; // the hub's own is made of all
        const find = (name: string) => members.get(name)!.service;
        return serve(config, this.#config, {
          memory: this.#memory,
          log: this.#log,
          find,
          tracer: this.#tracer,
          ...own,
        });
      },
      refreshed: (before, config, keys) => refreshed(before, config, this.#config, keys),
      placed: (served, { name, port }) => {
        served.auth.start?.(this.#logins.watcherOf(served.auth));
        if (own.atMember) return; // the hub's own
        this.#regroup();
        this.#opening = this.#opening?.then(() => this.#openFor(name, port));
      },
      removed: (name) => this.#ports.closeOwn(name),
      drainTimeout: this.#config.drainTimeout,
    });
  }

  /** A service has come, or taken the place of another. One that is gone by now has no port. */
  async #openFor(name: string, port: number | undefined): Promise<void> {
    const service = this.#live.get(name)?.service;
    if (!service || this.#stopping) return;
    await service.replica?.listensAt(this.#ports.addressForReplicas(service));
    if (port === this.#ports.ownOf(service)) return;
    this.#ports.closeOwn(name);
    await this.#openOwn(name, port);
  }

  /** Groups find their members again, and whoever calls may use the names of all. */
  #regroup(): void {
    this.#hub?.change([allAsOne({ ...this.#config, services: this.#live.configs })], {});
    for (const { service, server } of this.#everything) {
      if (server.kind !== "group" || server.members.some(({ url }) => url !== undefined)) continue;
      service.members?.replace(server.members.flatMap(({ name }) => this.#live.get(name)?.service ?? []));
    }
    this.#learnNames();
  }

  /** What browsers are shown. Its limits are those that services have by default. */
  #openPage(config: GatewayConfig): PageDoor {
    return new PageDoor({
      startedAt: new Date(),
      names: this.#hostNames,
      limits: limitsOf(config),
      memory: this.#memory,
      heartbeat: this.#pageHeartbeat,
      log: this.#log,
      hint: () => this.#config.hint,
      addressOf: (service) => this.addressOf(service),
      hubPort: () => (config.hub ? this.#ports.main : undefined),
    });
  }

  /**
   * Whoever may not call a service by itself may not call it through the hub either. The hub has looked at the scopes, which
   * have its own names of the tools.
   */
  #atMember({ name }: Service, principal: Principal): Principal | undefined {
    const auth = this.#live.get(name)?.auth;
    if (!auth) return undefined; // it has been taken away
    const { scopedTools: _scoped, ...unscoped } = principal;
    return auth.known?.(principal.id) ?? (auth.accepts(principal) ? unscoped : undefined);
  }

  /** The main port must be free; a service whose own port is taken is only on the hub, and says so. */
  async #listen(): Promise<void> {
    const { hub, keyPort } = this.#config;
    const toAll = hub ? (path: string) => this.#toService(path) : toOne(() => this.#live.all[0]);
    const pages = this.#pagesOf(() => this.#live.all, hub);
    await this.#proxies.ready();
    await this.#ports.openMain(this.#appAt(toAll, pages));
    if (keyPort !== undefined) await this.#ports.openForKeys(keyPort, this.#appAt(toAll, pages, true));
    await Promise.all(
      this.services.map(async (service) => service.replica?.listensAt(this.#ports.addressForReplicas(service))),
    );
    if (!hub) return;
    for (const { name, port } of this.#config.services) await this.#openOwn(name, port);
  }

  async #openOwn(name: string, port: number | undefined): Promise<void> {
    if (port === undefined) return;
    const served = () => this.#live.get(name);
    const pages = this.#pagesOf(() => [served() ?? []].flat(), false);
    const error = await this.#ports.openOwn(name, port, this.#appAt(toOne(served), pages));
    const service = served()?.service;
    if (service) service.portError = error;
  }

  #pagesOf(services: () => readonly Served[], isHub: boolean): PagePort {
    return { services, isHub, keys: this.#keyDoor };
  }

  /** What answers at one port. @param isForKeys whether it is for static tokens alone */
  #appAt(route: (path: string) => Route | undefined, pages: PagePort, isForKeys = false): RequestListener {
    const page = this.#page.at(pages);
    const { host, allowedOrigins, startedBy } = this.#config;
    const keyHosts = new Set(this.#config.keyHosts.map(bareName));
    return createApp({
      route,
      own: (exchange) => this.#answerAsHub(exchange, page),
      page,
      names: this.#hostNames,
      pages: pagesFor(host, allowedOrigins),
      startedBy,
      takesTokens: () => this.#live.all.some(({ auth }) => auth.required),
      takesKeys: (named) => isForKeys || (keyHosts.size > 0 && keyHosts.has(nameIn(named ?? "") ?? "")),
      proxies: this.#proxies,
      refusals: this.#refusals,
      memory: this.#memory,
      connections: this.#connections,
      stopping: () => this.#stopping,
      draining: () => this.#draining,
      log: this.#log,
    });
  }

  /** Where tokens are taken beside logins. */
  get #keyDoor(): KeyDoor | undefined {
    const { hub, keyHosts, keyPort } = this.#config;
    const [keyHost] = keyHosts;
    return keyHost === undefined && keyPort === undefined ? undefined : { host: keyHost, port: keyPort, isHub: hub };
  }

  get #hostNames(): HostNames {
    return { names: this.#names, local: isExposed(this.#config.host) };
  }

  /** The names by which it may be called. */
  #learnNames(): void {
    const { host, allowedHosts, keyHosts, services } = this.#config;
    const told = [...services, allAsOne(this.#config)].flatMap(({ publicUrl }) =>
      publicUrl === undefined ? [] : [new URL(publicUrl).hostname],
    );
    const names = [...allowedHosts, ...keyHosts, ...told, ...ownNames(host, services)];
    this.#names.clear();
    for (const name of names) this.#names.add(bareName(name));
  }

  /** `/<service>/rest` is `/rest` of the service. */
  #toService(path: string): Route | undefined {
    const [, name = "", rest = "/"] = /^\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    if (this.#all?.transports.has(`/${name}`) && rest === "/") return { served: this.#all, path: `/${name}` };
    const served = this.#live.get(name);
    return served && { served, path: rest };
  }

  /** The hub itself has a page for people, and its health for programs, which get that at `/` too. */
  async #answerAsHub(exchange: Exchange, page: PageAtPort): Promise<void> {
    const { path } = exchange;
    for (const service of this.services) void service.isReady(); // for the next one who asks
    const services = this.services.map(({ name }) => name).join(", ");
    if (!exchange.isSafe || (path !== "/" && path !== "/health"))
      throw new GatewayError("no-such-service", { path, services });
    if (path === "/" && asksForPage(exchange.header("accept"))) return page.showHub(exchange);
    const addressOf = (service: Service) => this.addressOf(service);
    const knowsMore = await knownServices(exchange, this.#live.all);
    const { hint } = this.#config;
    const hub = { version: VERSION, hint, now: new Date() };
    exchange.json(200, encode(hubHealth(this.services, addressOf, knowsMore, hub)));
  }
}

/** A host name as names are compared. */
const bareName = (name: string) => name.toLowerCase().replace(/\.$/, "");

/** Every path leads to the same service. */
const toOne =
  (find: () => Served | undefined) =>
  (path: string): Route | undefined => {
    const served = find();
    return served && { served, path };
  };

/** @throws ConfigError */
function proxiesOf({ trustedProxies }: GatewayConfig): TrustedProxies {
  try {
    return new TrustedProxies(trustedProxies);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

/**
 * Resolves in a turn of the event loop in which nothing else happened. At that moment no connection waits to be accepted,
 * which closing the port would cut off. On a machine that is never quiet it gives up soon.
 */
async function quietTurn(): Promise<void> {
  const giveUp = performance.now() + 500;
  for (let turn = Infinity, now = performance.now(); turn > 0.1 && now < giveUp;) {
    await nextTurn();
    turn = performance.now() - now;
    now += turn;
  }
}

/** Waits until a condition holds, but not beyond the deadline (performance.now()). */
async function until(deadline: number, holds: () => boolean): Promise<void> {
  while (performance.now() < deadline && !holds()) await sleep(20);
}
