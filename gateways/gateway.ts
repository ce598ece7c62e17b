/** A whole gateway: its services, its ports, and how it starts and stops. Puts the parts together. */
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { createApp, type Route } from "./app.ts";
import { authKinds } from "./auth/kinds.ts";
import { ConfigError, type GatewayConfig, type ServiceConfig, type SharedValues } from "./config.ts";
import { isExposed } from "./config/callers.ts";
import { Connections } from "./connections.ts";
import { GatewayError } from "./errors.ts";
import { hubHealth, type Address } from "./health.ts";
import { encode } from "./jsonrpc.ts";
import type { HostNames, PagePolicy } from "./limits/host-and-origin.ts";
import { Limits } from "./limits/limits.ts";
import { Refusals } from "./limits/refusals.ts";
import { TrustedProxies } from "./limits/trusted-proxies.ts";
import { allAsOne, groupsLast } from "./hub.ts";
import { ownHost, ownNames } from "./own-names.ts";
import { Journal } from "./journal.ts";
import { learnSecrets } from "./known-secrets.ts";
import { audit, type Logger } from "./log.ts";
import { listen, PortTaken, stopListening } from "./listen.ts";
import { defaultBudget, MemoryBudget } from "./memory-budget.ts";
import type { Principal } from "./principal.ts";
import { createService, type OfGateway } from "./create-service.ts";
import type { PagePort } from "./page/addresses.ts";
import { PageDoor, type PageAtPort } from "./page/door.ts";
import { knownServices } from "./page/who-knows-more.ts";
import type { Served } from "./served.ts";
import type { Service, ServiceWatcher } from "./sessions/service.ts";
import { CallAudit } from "./transports/call-audit.ts";
import { ClientAudit } from "./transports/client-audit.ts";
import type { Exchange } from "./transports/exchange.ts";
import { ForwardVerifier } from "./transports/forward-signature.ts";
import { HttpSse } from "./transports/http-sse.ts";
import { Heartbeat } from "./transports/heartbeat.ts";
import { asksForPage } from "./transports/media-types.ts";
import { OtherReplicas } from "./transports/other-replicas.ts";
import { ModernRequests } from "./transports/modern-requests.ts";
import { StreamableHttp } from "./transports/streamable-http.ts";
import type { Transport } from "./transports/transport.ts";
import { WebSockets } from "./transports/web-socket.ts";
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

/** A gateway with all its services and ports. */
export class Gateway {
  readonly #config: GatewayConfig;
  readonly #log: Logger;
  readonly #heartbeats: Heartbeat[] = [];
  readonly #replicas: OtherReplicas[] = [];
  readonly #served = new Map<string, Served>();
  readonly #ports = new Map<string, number>();
  readonly #servers: Server[] = [];
  readonly #memory: MemoryBudget;
  readonly #connections: Connections;
  readonly #proxies: TrustedProxies;
  readonly #refusals: Refusals;
  readonly #watcher: GatewayWatcher;
  readonly #page: PageDoor;
  /** What the hub serves at its own paths: every service, as one. */
  readonly #all: Served | undefined;
  #hubPort = 0;
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
    for (const service of groupsLast(config.services))
      this.#served.set(service.name, this.#serve(service, { watcher }));
    this.#all = config.hub
      ? this.#serve(allAsOne(config), {
          watcher: {}, // nobody has configured it, so nobody waits for news of it
          mayUse: (member, principal) => this.#mayUse(member, principal),
        })
      : undefined;
    this.#page = this.#openPage(config);
  }

  /** The port of the hub, or of the one service; 0 while it is not open. */
  get port(): number {
    return this.#hubPort;
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
    return this.#config.services.map(({ name }) => this.#served.get(name)!.service);
  }

  /** The services, and the hub's own, which is all of them as one. */
  get #everything(): Served[] {
    return [...this.#served.values(), ...(this.#all ? [this.#all] : [])];
  }

  /** Where a service is reached: on its own port if it has one, and on the hub. */
  addressOf({ name }: Service): Address {
    const hubUrl = `${this.#base}${this.#config.hub ? `/${name}` : ""}/mcp`;
    const own = this.#ports.get(name);
    return { url: own === undefined ? hubUrl : `${this.#origin}:${own}/mcp`, hubUrl };
  }

  get #base(): string {
    return `${this.#origin}:${this.#hubPort}`;
  }

  /** Where it is reached from this machine, without the port. */
  get #origin(): string {
    const { host } = this.#config;
    const reached = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    return `http://${reached.includes(":") ? `[${reached}]` : reached}`;
  }

  /**
   * Listens, then starts every service's server. Resolves when all have started or failed once, or when it is stopped meanwhile.
   * @param portFirst false: the port is bound only when the one service is up, so that whoever routes to it by its port
   *   alone never meets one that cannot serve
   * @param settled is called with each service as it is up or has failed once
   * @throws Error when the port of the hub or of the one service is taken, or (not `portFirst`) its server cannot start
   */
  async start({ portFirst, settled }: Starting): Promise<void> {
    if (portFirst) await this.#open();
    if (this.#stopping) return;
    const all = this.#all?.service.start();
    await Promise.all(this.services.map((service) => service.start().then(() => settled?.(service))));
    await all;
    if (portFirst || this.#stopping) return;
    const failed = this.services.find((service) => !service.ready);
    if (failed) throw new Error(failed.error ?? `${failed.name} needs ${failed.needs}`);
    await this.#open();
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
    const drainDelay = this.#servers.length === 0 ? 0 : this.#config.drainDelay;
    const closingTime = Math.min(drainDelay, CLOSING_TIME);
    await sleep(drainDelay - closingTime);
    this.#draining = true;
    await this.#page.stop();
    await sleep(closingTime);
    const deadline = performance.now() + this.#config.drainTimeout;
    await quietTurn();
    const closed = Promise.all(this.#servers.map(stopListening));
    this.#drainStreams(deadline);
    // A connection that was made at the last moment may not have sent its request yet.
    await until(performance.now() + closingTime, () => this.#connections.size === 0);
    await until(deadline, () => this.#everything.every(({ service }) => service.openCalls === 0));
    this.#closeIdle();
    await this.#all?.service.stop();
    await Promise.all(this.services.map((service) => service.stop()));
    for (const heartbeat of this.#heartbeats) heartbeat.stop();
    // Answers may still be on their way to a slow client.
    await until(deadline, () => [...this.#connections.sockets].every((socket) => socket.writableLength === 0));
    for (const socket of this.#connections.sockets) socket.destroy();
    this.#connections.stop();
    await closed;
    this.#refusals.stop();
    await Promise.all(this.services.map(async ({ replica }) => replica?.close()));
    this.#hubPort = 0;
  }

  /** Streams that would never end by themselves end when the calls that are answered on them are over. */
  #drainStreams(deadline: number): void {
    for (const replicas of this.#replicas) replicas.drain(deadline);
    for (const { transports } of this.#everything) for (const way of new Set(transports.values())) way.drain?.();
  }

  /** Closes idle connections, unless an answer is still on its way: it would be cut off with them. */
  #closeIdle(): void {
    if ([...this.#connections.sockets].some((socket) => socket.writableLength > 0)) return;
    for (const server of this.#servers) server.closeIdleConnections();
  }

  #serve(config: ServiceConfig, own: Pick<OfGateway, "watcher" | "mayUse">): Served {
    const { logLevel, maxBody } = config;
    // A service with the gateway's own level uses the gateway's log, which is quieter on a terminal (main.ts).
    const journal = new Journal();
    const log = journal.of(logLevel === this.#config.logLevel ? this.#log : this.#log.child({}, { level: logLevel }));
    const heartbeat = new Heartbeat(config.heartbeat);
    this.#heartbeats.push(heartbeat);
    const limits = limitsOf(config);
    const service = createService(config, {
      inFile: this.#config.hub,
      secret: this.#config.sessionSecret,
      memory: this.#memory,
      log,
      find: (name) => this.#served.get(name)!.service,
      ...own,
    });
    const replicas = new OtherReplicas(service, log);
    this.#replicas.push(replicas);
    const modern = new ModernRequests(service, new ClientAudit(service.name, log));
    // Above info nobody would read the lines, so none are put together.
    const isAudited = config.audit === "calls" && log.isLevelEnabled("info");
    const { name, lastHour } = service;
    const isSearched = config.discovery === "search";
    const calls = new CallAudit({ service: name, lastHour, isSilent: !isAudited, isSearched }, log);
    const parts = { service, heartbeat, replicas, limits, maxBody, calls, modern };
    const ways: Transport[] = [new StreamableHttp(parts), new HttpSse(parts), new WebSockets(parts)];
    const auth = authKinds[config.auth]({
      tokens: [...this.#config.tokens, ...config.tokens],
      tokenDigests: [...this.#config.tokenDigests, ...config.tokenDigests],
    });
    const { replica } = service;
    return {
      service,
      isolation: config.isolation,
      server: config.server,
      log,
      journal,
      calls,
      modern,
      pages: this.#pagesFor(config.allowedOrigins),
      verifier: replica && new ForwardVerifier(replica.forwardKey, () => replica.address),
      auth,
      limits,
      transports: new Map(ways.flatMap((way) => way.paths.map((path) => [path, way]))),
    };
  }

  /** What browsers are shown. Its limits are those that services have by default. */
  #openPage(config: GatewayConfig): PageDoor {
    const heartbeat = new Heartbeat(config.heartbeat);
    this.#heartbeats.push(heartbeat);
    return new PageDoor({
      startedAt: new Date(),
      names: this.#namesAt(config.host),
      limits: limitsOf(config),
      memory: this.#memory,
      heartbeat,
      log: this.#log,
      hint: config.hint,
      addressOf: (service) => this.addressOf(service),
      hubPort: () => (config.hub ? this.#hubPort : undefined),
    });
  }

  /** Whoever may not call a service by itself may not call it through the hub either. */
  #mayUse({ name }: Service, principal: Principal): boolean {
    return this.#served.get(name)!.auth.accepts(principal);
  }

  /** On loopback every program of this machine may call, with a token if one is asked for, so its pages may, too. */
  #pagesFor(origins: readonly string[]): PagePolicy {
    return { origins: new Set(origins), loopback: !isExposed(this.#config.host) };
  }

  /** The main port must be free; a service whose own port is taken is only on the hub, and says so. */
  async #listen(): Promise<void> {
    const { port, hub } = this.#config;
    const only = [...this.#served.values()][0]!;
    await this.#proxies.ready();
    this.#hubPort = await this.#bind(hub ? (path) => this.#toService(path) : (path) => ({ served: only, path }), port, {
      isHub: hub,
      services: this.services.map(({ name }) => this.#served.get(name)!),
    });
    const own = `${ownHost(this.#config.ownerHost)}:${this.#hubPort}`;
    await Promise.all(this.services.map(async ({ name, replica }) => replica?.listensAt(hub ? `${own}/${name}` : own)));
    if (!hub) return;
    for (const { name, port: own } of this.#config.services) {
      const served = this.#served.get(name)!;
      if (own === undefined) continue;
      try {
        this.#ports.set(
          name,
          await this.#bind((path) => ({ served, path }), own, { isHub: false, services: [served] }),
        );
      } catch (error) {
        const variable = `PORT_${name.toUpperCase().replaceAll("-", "_")}`;
        const { message } = error as Error;
        const isTaken = error instanceof PortTaken && error.free !== undefined;
        served.service.portError = isTaken
          ? `${error.taken}: stop it, or set ${variable}=${error.free}; meanwhile it is on the hub alone`
          : `${message}, or set ${variable}; meanwhile it is on the hub alone`;
      }
    }
  }

  async #bind(route: (path: string) => Route | undefined, port: number, pages: PagePort): Promise<number> {
    const { host } = this.#config;
    const page = this.#page.at(pages);
    const takesTokens = [...this.#served.values()].some(({ auth }) => auth.required);
    const app = createApp({
      route,
      own: (exchange) => this.#answerAsHub(exchange, page),
      page,
      names: this.#namesAt(host),
      pages: this.#pagesFor(this.#config.allowedOrigins),
      startedBy: this.#config.startedBy,
      takesTokens,
      proxies: this.#proxies,
      refusals: this.#refusals,
      memory: this.#memory,
      connections: this.#connections,
      stopping: () => this.#stopping,
      draining: () => this.#draining,
      log: this.#log,
    });
    const others = [this.#config.port, ...this.#config.services.flatMap(({ port: own }) => own ?? [])];
    const server = await listen(app, { port, host, others, maxHeaders: this.#config.maxHeaders });
    server.on("connection", (socket: Socket) => this.#connections.accept(socket));
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  #namesAt(host: string): HostNames {
    const { allowedHosts, services } = this.#config;
    const names = [...allowedHosts, ...ownNames(host, services)].map((name) => name.toLowerCase().replace(/\.$/, ""));
    return { names: new Set(names), local: isExposed(host) };
  }

  /** `/<service>/rest` is `/rest` of the service. */
  #toService(path: string): Route | undefined {
    const [, name = "", rest = "/"] = /^\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    if (this.#all?.transports.has(`/${name}`) && rest === "/") return { served: this.#all, path: `/${name}` };
    const served = this.#served.get(name);
    return served && { served, path: rest };
  }

  /** The hub itself has a page for people, and its health for programs, which get that at `/` too. */
  async #answerAsHub(exchange: Exchange, page: PageAtPort): Promise<void> {
    const { path } = exchange;
    for (const service of this.services) void service.isReady(); // for the next one who asks
    const services = [...this.#served.keys()].join(", ");
    if (!exchange.isSafe || (path !== "/" && path !== "/health"))
      throw new GatewayError("no-such-service", { path, services });
    if (path === "/" && asksForPage(exchange.header("accept"))) return page.showHub(exchange);
    const addressOf = (service: Service) => this.addressOf(service);
    const knowsMore = await knownServices(exchange, [...this.#served.values()]);
    const { hint } = this.#config;
    const hub = { version: VERSION, hint, now: new Date() };
    exchange.json(200, encode(hubHealth(this.services, addressOf, knowsMore, hub)));
  }
}

/** @throws ConfigError */
function proxiesOf({ trustedProxies }: GatewayConfig): TrustedProxies {
  try {
    return new TrustedProxies(trustedProxies);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

function limitsOf({ requestRate, requestBurst, sessionRate, loginRate, exemptLoopback }: SharedValues): Limits {
  return new Limits({
    requests: requestRate.times === 0 ? undefined : { rate: requestRate, burst: requestBurst },
    sessionsPerMinute: sessionRate,
    failedLoginsPerMinute: loginRate,
    exemptLoopback,
  });
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
