/** A whole gateway: its services, its ports, and how it starts and ends. The only file that puts the parts together. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createApp, type Served } from "./app.ts";
import { BearerAuth } from "./auth/bearer.ts";
import { openChild } from "./bridge/child.ts";
import { openHttpUpstream } from "./bridge/http-upstream.ts";
import type { OpenLink } from "./bridge/link.ts";
import { openSseUpstream } from "./bridge/sse-upstream.ts";
import type { GatewayConfig, ServiceConfig } from "./config.ts";
import { GatewayError } from "./errors.ts";
import { hubHealth, type Address } from "./health.ts";
import { encode, errorAnswer } from "./jsonrpc.ts";
import { proxyList } from "./limits/client-address.ts";
import { Limits } from "./limits/limits.ts";
import type { Logger } from "./log.ts";
import { listen } from "./listen.ts";
import type { Backend } from "./sessions/lane.ts";
import { PrivateBackend } from "./sessions/private-backend.ts";
import { Service } from "./sessions/service.ts";
import { SharedBackend } from "./sessions/shared-backend.ts";
import { statusPage } from "./status-page.ts";
import type { Exchange } from "./transports/exchange.ts";
import { Heartbeat } from "./transports/heartbeat.ts";
import { StreamableHttp } from "./transports/streamable-http.ts";
import { VERSION } from "./version.ts";

export class Gateway {
  readonly #config: GatewayConfig;
  readonly #log: Logger;
  readonly #heartbeat: Heartbeat;
  readonly #served = new Map<string, Served>();
  readonly #ports = new Map<string, number>();
  readonly #servers: Server[] = [];
  #hubPort = 0;
  #stopping = false;
  #draining = false;

  constructor(config: GatewayConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#heartbeat = new Heartbeat(config.heartbeat);
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
    const base = `http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host}`;
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

  /** Serves on for the drain delay, lets open calls finish, ends streams and servers. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await sleep(this.#config.drainDelay);
    this.#draining = true;
    const deadline = performance.now() + this.#config.drainTimeout;
    const closed = Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    await this.#untilQuiet(deadline);
    await Promise.all(this.services.map((service) => service.stop()));
    this.#heartbeat.stop();
    await this.#untilRead(closed, deadline);
  }

  /** Open calls have the drain timeout to finish. Streams that no call owns end when their sessions do. */
  async #untilQuiet(deadline: number): Promise<void> {
    while (performance.now() < deadline && this.services.some((service) => service.openCalls > 0)) await sleep(20);
  }

  /** What has been answered may still be on its way to a slow client. */
  async #untilRead(closed: Promise<unknown>, deadline: number): Promise<void> {
    const gone = closed.then(() => true);
    while (performance.now() < deadline) {
      for (const server of this.#servers) server.closeIdleConnections();
      if (await Promise.race([gone, sleep(20, false)])) break;
    }
    for (const server of this.#servers) server.closeAllConnections();
    await closed;
  }

  #serve(config: ServiceConfig): Served {
    const { requestRate, requestBurst, sessionRate, loginRate, exemptLoopback, maxBody } = this.#config;
    const limits = new Limits({
      requests: requestRate === 0 ? undefined : { perSecond: requestRate, burst: requestBurst },
      sessionsPerMinute: sessionRate,
      failedLoginsPerMinute: loginRate,
      exemptLoopback,
    });
    return {
      service: createService(config, this.#log),
      auth: new BearerAuth(this.#config.tokens.length > 0 ? [...this.#config.tokens, ...config.tokens] : []),
      limits,
      mcp: new StreamableHttp({
        heartbeat: this.#heartbeat,
        maxBody,
        admitSession: ({ address }) => limits.admitSession(address),
      }),
    };
  }

  /** The main port must be free; a service whose own port is taken is only on the hub, and says so. */
  async #listen(): Promise<void> {
    const { host, port, hub } = this.#config;
    const only = [...this.#served.values()][0]!;
    this.#hubPort = await this.#bind(hub ? (exchange) => this.#toService(exchange) : () => only, port, host);
    if (!hub) return;
    for (const { name, port: own } of this.#config.services) {
      const served = this.#served.get(name)!;
      if (own === undefined) continue;
      try {
        this.#ports.set(name, await this.#bind(() => served, own, host));
      } catch (error) {
        served.service.portError = `${(error as Error).message}, or set PORT_${name.toUpperCase().replaceAll("-", "_")}`;
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
    const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, app);
    server.on("clientError", answerMalformed);
    await listen(server, port, host);
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
    if (exchange.path !== "/") throw new GatewayError("not-found", { path: exchange.path });
    exchange.html(statusPage(this.services, addressOf));
  }
}

function createService(config: ServiceConfig, log: Logger): Service {
  const { name: service, server, maxSessions, idleTtl } = config;
  if (server.kind === "needs") return new Service(config, { needs: server.needs }, log);
  const sessions = { service, maxSessions, idleTtl };
  return new Service(config, { backend: createBackend(config, linkOpener(config, log), log), sessions }, log);
}

function createBackend(config: ServiceConfig, open: OpenLink, log: Logger): Backend {
  const { name: service, requestTimeout, startTimeout, isolation, serial, revive, maxChildren, maxSessions } = config;
  const options = { service, requestTimeout, startTimeout };
  if (isolation === "shared") return new SharedBackend(open, { ...options, serial }, log);
  const isProcess = config.server.kind === "stdio";
  const max = isProcess ? maxChildren : maxSessions + 1; // an upstream's session costs no process here
  return new PrivateBackend(open, { ...options, revive, max, warm: isProcess }, log);
}

function linkOpener({ name: service, server, maxLine }: ServiceConfig, log: Logger): OpenLink {
  if (server.kind === "stdio") return (events) => openChild({ service, maxLine, ...server }, log, events);
  if (server.kind === "http") return (events) => openHttpUpstream({ service, ...server }, log, events);
  if (server.kind === "sse") return (events) => openSseUpstream({ service, ...server }, log, events);
  throw new Error(`${service} has no server`);
}

/** The names by which a gateway may be called: its services' stable names, and this machine's when it listens on more than loopback. */
function ownNames(host: string, services: readonly ServiceConfig[]): string[] {
  const names = services.map(({ name }) => `${name}-mcp-gateway`);
  if (host !== "0.0.0.0" && host !== "::") return [...names, host];
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address);
  return [...names, hostname(), ...addresses];
}

/** What is no HTTP never becomes a request; its sender gets a JSON-RPC error all the same. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const [status, detail] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "headers over 16 KiB"]
      : ["400 Bad Request", "no HTTP"];
  const { code, message } = new GatewayError("invalid-request", { detail });
  const body = errorAnswer(undefined, code, message);
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  socket.end(`${head}\r\n\r\n${body}`);
}
