/** A whole gateway: its services, its ports, and how it starts and ends. The only file that puts the parts together. */
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { createApp, type Served } from "./app.ts";
import { BearerAuth } from "./auth/bearer.ts";
import type { GatewayConfig, ServiceConfig } from "./config.ts";
import { GatewayError } from "./errors.ts";
import { hubHealth, type Address } from "./health.ts";
import { encode } from "./jsonrpc.ts";
import { proxyList } from "./limits/client-address.ts";
import { Limits } from "./limits/limits.ts";
import type { Logger } from "./log.ts";
import { listen, stopListening } from "./listen.ts";
import { createService } from "./create-service.ts";
import type { Service } from "./sessions/service.ts";
import { statusPage } from "./status-page.ts";
import type { Exchange } from "./transports/exchange.ts";
import { Heartbeat } from "./transports/heartbeat.ts";
import { Seals } from "./transports/forwarded.ts";
import { Siblings } from "./transports/replicas.ts";
import { StreamableHttp } from "./transports/streamable-http.ts";
import { VERSION } from "./version.ts";

/**
 * The end of the drain delay, in milliseconds, in which answers close their connections, so that a proxy lets go of those that
 * it keeps; and the longest that is waited after it for connections that say nothing.
 */
const FAREWELL = 1_000;

/** A gateway with all its services and ports. */
export class Gateway {
  readonly #config: GatewayConfig;
  readonly #log: Logger;
  readonly #heartbeats: Heartbeat[] = [];
  readonly #served = new Map<string, Served>();
  readonly #ports = new Map<string, number>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #hubPort = 0;
  #stopping = false;
  #draining = false;

  constructor(config: GatewayConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
    for (const service of config.services) this.#served.set(service.name, this.#serve(service));
  }

  /** The port of the hub, or of the one service. */
  get port(): number {
    return this.#hubPort;
  }

  /** Whether it has been told to end. */
  get stopping(): boolean {
    return this.#stopping;
  }

  get services(): Service[] {
    return [...this.#served.values()].map(({ service }) => service);
  }

  /** Where a service is reached: on its own port if it has one, and on the hub. */
  addressOf({ name }: Service): Address {
    const { host, hub } = this.#config;
    const reached = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    const base = `http://${reached.includes(":") ? `[${reached}]` : reached}`;
    const hubUrl = `${base}:${this.#hubPort}${hub ? `/${name}` : ""}/mcp`;
    const own = this.#ports.get(name);
    return { url: own === undefined ? hubUrl : `${base}:${own}/mcp`, hubUrl };
  }

  /**
   * Listens, then starts every service's server. Resolves when all have started or failed once.
   * @param portFirst false: the port is bound only when the one service is up, so that whoever routes to it by its port
   *   alone never meets one that cannot serve
   * @throws Error when the port of the hub or of the one service is taken, or (not `portFirst`) its server cannot start
   */
  async start({ portFirst }: { portFirst: boolean }): Promise<void> {
    if (portFirst) await this.#listen();
    await Promise.all(this.services.map((service) => service.start()));
    if (portFirst) return;
    const failed = this.services.find((service) => !service.ready);
    if (failed) throw new Error(failed.error ?? `${failed.name} needs ${failed.needs}`);
    await this.#listen();
  }

  /**
   * Serves on for the drain delay, at its end with a word to every connection not to come back; then takes no more, lets open
   * calls finish, leaves the sessions to the other gateways, ends streams and servers.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    const { drainDelay } = this.#config;
    const farewell = Math.min(drainDelay, FAREWELL);
    await sleep(drainDelay - farewell);
    this.#draining = true;
    await sleep(farewell);
    const deadline = performance.now() + this.#config.drainTimeout;
    await quietTurn();
    const closed = Promise.all(this.#servers.map(stopListening));
    // A connection of the last moment has not said yet what it wants.
    await until(performance.now() + farewell, () => this.#sockets.size === 0);
    await until(deadline, () => this.services.every((service) => service.openCalls === 0));
    this.#closeIdle();
    await Promise.all(this.services.map((service) => service.stop()));
    for (const heartbeat of this.#heartbeats) heartbeat.stop();
    // What has been answered may still be on its way to a slow client.
    await until(deadline, () => [...this.#sockets].every((socket) => socket.writableLength === 0));
    for (const server of this.#servers) server.closeAllConnections();
    await closed;
    for (const service of this.services) service.home?.close();
  }

  /** Connections that nothing goes through; were there an answer on its way, it would be cut off with them. */
  #closeIdle(): void {
    if ([...this.#sockets].some((socket) => socket.writableLength > 0)) return;
    for (const server of this.#servers) server.closeIdleConnections();
  }

  #serve(config: ServiceConfig): Served {
    const { requestRate, requestBurst, sessionRate, loginRate, exemptLoopback, maxBody, logLevel } = config;
    // Where it is the gateway's own, the gateway's log decides: on a terminal it is quieter (main.ts).
    const log = logLevel === this.#config.logLevel ? this.#log : this.#log.child({}, { level: logLevel });
    const heartbeat = new Heartbeat(config.heartbeat);
    this.#heartbeats.push(heartbeat);
    const limits = new Limits({
      requests: requestRate === 0 ? undefined : { perSecond: requestRate, burst: requestBurst },
      sessionsPerMinute: sessionRate,
      failedLoginsPerMinute: loginRate,
      exemptLoopback,
    });
    const service = createService(config, this.#config.sessionSecret, log);
    return {
      service,
      log,
      origins: new Set(config.allowedOrigins),
      seals: service.home && new Seals(service.home.forwardKey),
      auth: new BearerAuth([...this.#config.tokens, ...config.tokens]),
      limits,
      mcp: new StreamableHttp({
        heartbeat,
        siblings: new Siblings(log),
        maxBody,
        admitSession: ({ address }) => limits.admitSession(address),
        admitMessages: ({ address }, { id }, messages) => limits.admitRequest(address, id, "session", messages),
      }),
    };
  }

  /** The main port must be free; a service whose own port is taken is only on the hub, and says so. */
  async #listen(): Promise<void> {
    const { host, port, hub } = this.#config;
    const only = [...this.#served.values()][0]!;
    this.#hubPort = await this.#bind(hub ? (exchange) => this.#toService(exchange) : () => only, port, host);
    const own = `${ownHost(this.#config.ownerHost)}:${this.#hubPort}`;
    for (const service of this.services) service.listensAt(hub ? `${own}/${service.name}` : own);
    if (!hub) return;
    for (const { name, port: own } of this.#config.services) {
      const served = this.#served.get(name)!;
      if (own === undefined) continue;
      try {
        this.#ports.set(name, await this.#bind(() => served, own, host));
      } catch (error) {
        const variable = `PORT_${name.toUpperCase().replaceAll("-", "_")}`;
        served.service.portError = `${(error as Error).message}, or set ${variable}; meanwhile it is on the hub alone`;
      }
    }
  }

  async #bind(route: (exchange: Exchange) => Served | undefined, port: number, host: string): Promise<number> {
    const { allowedHosts, allowedOrigins, trustedProxies } = this.#config;
    const app = createApp({
      route,
      own: (exchange) => this.#answerAsHub(exchange),
      hosts: new Set([...allowedHosts, ...ownNames(host, this.#config.services)].map((name) => name.toLowerCase())),
      origins: new Set(allowedOrigins),
      trustedProxies: proxyList(trustedProxies),
      draining: () => this.#draining,
      log: this.#log,
    });
    const server = await listen(app, port, host);
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  /** `/<service>/rest` is for the service. */
  #toService(exchange: Exchange): Served | undefined {
    const [, name = "", rest] = /^\/([^/]+)(\/.*)?$/.exec(exchange.path) ?? [];
    const served = this.#served.get(name);
    if (served) exchange.path = rest ?? "/";
    return served;
  }

  /** The hub itself has a page for people and its health for programs. */
  #answerAsHub(exchange: Exchange): void {
    const addressOf = (service: Service) => this.addressOf(service);
    if (exchange.path === "/health") {
      return exchange.json(200, encode(hubHealth(this.services, addressOf, VERSION, new Date())));
    }
    const services = [...this.#served.keys()].join(", ");
    if (exchange.path !== "/") throw new GatewayError("no-such-service", { path: exchange.path, services });
    exchange.html(statusPage(this.services, addressOf));
  }
}

/** The host by which other gateways reach this one: by default what Docker calls the container on its networks. */
const ownHost = (host = hostname()) => (host.includes(":") ? `[${host}]` : host);

/**
 * Resolves in a turn of the event loop in which nothing else happened: connections that are made and not yet accepted would be
 * cut off with the port, and at that moment there are none. On a machine that is never quiet it gives up soon.
 */
async function quietTurn(): Promise<void> {
  const giveUp = performance.now() + 500;
  for (let turn = Infinity, now = performance.now(); turn > 0.1 && now < giveUp;) {
    await nextTurn();
    turn = performance.now() - now;
    now += turn;
  }
}

/** Waits until something is so, but not beyond the deadline (performance.now()). */
async function until(deadline: number, isSo: () => boolean): Promise<void> {
  while (performance.now() < deadline && !isSo()) await sleep(20);
}

/** The names by which a gateway may be called: its services' stable names, and this machine's when it listens on more than loopback. */
function ownNames(host: string, services: readonly ServiceConfig[]): string[] {
  const names = services.map(({ name }) => `${name}-mcp-gateway`);
  if (host !== "0.0.0.0" && host !== "::") return [...names, host];
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address);
  return [...names, hostname(), ...addresses.map((address) => (address.includes(":") ? `[${address}]` : address))];
}
