/** The life of a request: every check that is on by default, in its order, and the one place where an error becomes an answer. */
import type { IncomingMessage, RequestListener } from "node:http";
import type { BlockList } from "node:net";
import type { Auth } from "./auth/auth.ts";
import type { Connections } from "./connections.ts";
import { GatewayError, toGatewayError } from "./errors.ts";
import { readiness, serviceHealth } from "./health.ts";
import { encode } from "./jsonrpc.ts";
import { clientAddress } from "./limits/client-address.ts";
import { admitHost, admitOrigin } from "./limits/host-and-origin.ts";
import type { Limits, Purpose } from "./limits/limits.ts";
import { audit, type Logger } from "./log.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import type { Principal } from "./principal.ts";
import type { Service } from "./sessions/service.ts";
import { Exchange, pathOf } from "./transports/exchange.ts";
import type { ForwardVerifier } from "./transports/forward-signature.ts";
import { FORWARDED, type Forwarded } from "./transports/forwarded.ts";
import type { Transport } from "./transports/transport.ts";

/** A service as it is served. */
export interface Served {
  readonly service: Service;
  readonly auth: Auth;
  readonly limits: Limits;
  /** The ways in, by path. */
  readonly transports: ReadonlyMap<string, Transport>;
  /** Verifies requests that other gateways forward; undefined = there are none. */
  readonly verifier: ForwardVerifier | undefined;
  /** Origins of web pages that may call. */
  readonly origins: ReadonlySet<string>;
  readonly log: Logger;
}

/** Where a request leads. */
export interface Route {
  readonly served: Served;
  /** The request's path, below the service. */
  readonly path: string;
}

export interface AppParts {
  /** Finds the service that a path names; undefined = none. */
  readonly route: (path: string) => Route | undefined;
  /** Answers requests that are for no service. @throws GatewayError `not-found` */
  readonly own: (exchange: Exchange) => Promise<void>;
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
  readonly trustedProxies: BlockList | undefined;
  readonly memory: MemoryBudget;
  readonly connections: Connections;
  /** Whether every connection is to be closed after its answer. */
  readonly draining: () => boolean;
  readonly log: Logger;
}

/** Answers HTTP requests. */
export function createApp(parts: AppParts): RequestListener {
  return (req, res) => {
    const path = pathOf(req.url);
    const route = parts.route(path);
    const facts = {
      address: addressOf(req, parts),
      path: route?.path ?? path,
      service: route?.served.service.name,
    };
    const exchange = new Exchange(req, res, facts, route?.served.log ?? parts.log);
    parts.connections.begin(req.socket, exchange);
    void answer(exchange, route?.served, parts);
  };
}

async function answer(exchange: Exchange, served: Served | undefined, parts: AppParts): Promise<void> {
  const { log, origins } = served ?? parts;
  if (log.isLevelEnabled("debug")) exchange.res.once("close", () => logAccess(exchange, log, served?.service.name));
  try {
    if (parts.draining()) exchange.addHeaders({ connection: "close" });
    if (served && isProbe(exchange)) return await answerProbe(exchange, served.service);
    if (served && exchange.header(FORWARDED) !== undefined) return await answerForwarded(exchange, served, parts);
    admitHost(exchange.header("host"), parts.hosts);
    admitOrigin(exchange.header("origin"), parts.hosts, origins);
    if (allowCrossOrigin(exchange, origins)) return;
    if (!served) return await parts.own(exchange);
    const transport = transportFor(exchange, served);
    const principal = await logIn(exchange, served);
    served.limits.admitRequest(exchange.address, principal.id, purposeOf(exchange, served.service));
    await transport.handle(exchange.admit(principal, parts.memory.of(principal.id, exchange.address)));
  } catch (error) {
    exchange.fail(toGatewayError(error));
  }
}

/** Answers a request that another gateway of the service has checked and forwarded. */
async function answerForwarded(exchange: Exchange, served: Served, parts: AppParts): Promise<void> {
  const forwarded = verifyForwarded(exchange, served);
  const share = parts.memory.of(forwarded.principal, forwarded.address);
  await transportFor(exchange, served).handle(exchange.admitForwarded(forwarded, share));
}

function verifyForwarded(exchange: Exchange, { service, verifier, log }: Served): Forwarded {
  try {
    if (!verifier) throw new GatewayError("forward-refused");
    return verifier.verify(exchange);
  } catch (error) {
    audit(log, "refused", { service: service.name, address: exchange.address, reason: "not forwarded by a gateway" });
    throw error;
  }
}

/** @throws GatewayError `not-found` */
function transportFor({ path }: Exchange, { transports }: Served): Transport {
  const transport = transports.get(path.endsWith("/") ? path.slice(0, -1) : path);
  if (!transport) throw new GatewayError("not-found", { path });
  return transport;
}

function addressOf(req: IncomingMessage, { trustedProxies }: AppParts): string {
  return clientAddress(req.socket.remoteAddress ?? "", req.headers, trustedProxies);
}

/** Probes need no token and may use any host name: their answers are public. */
const isProbe = ({ path, method }: Exchange) =>
  (path === "/health" || path === "/ready") && (method === "GET" || method === "HEAD");

async function answerProbe(exchange: Exchange, service: Service): Promise<void> {
  if (exchange.path === "/health") return exchange.json(200, encode(serviceHealth(service, new Date())));
  const { status, body } = await readiness(service);
  exchange.json(status, encode(body));
}

/**
 * Lets pages of the configured origins call (Fetch standard, CORS).
 * @returns whether the request was a preflight and has been answered
 */
function allowCrossOrigin(exchange: Exchange, origins: ReadonlySet<string>): boolean {
  const origin = exchange.header("origin");
  if (origin === undefined || !(origins.has(origin) || origins.has("*"))) return false;
  exchange.addHeaders({
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After",
    vary: "Origin",
  });
  if (exchange.method !== "OPTIONS") return false;
  exchange.empty(204, {
    "access-control-allow-methods": "GET, POST, DELETE, HEAD",
    "access-control-allow-headers": [...ALLOWED_HEADERS, ...parameterHeaders(exchange)].join(", "),
    "access-control-max-age": "600",
  });
  return true;
}

const ALLOWED_HEADERS: readonly string[] = [
  "Authorization",
  "Content-Type",
  "Mcp-Session-Id",
  "MCP-Protocol-Version",
  "Mcp-Method",
  "Mcp-Name",
  "Last-Event-ID",
];

/** Headers that a tool's own schema names (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters"). */
function parameterHeaders(exchange: Exchange): string[] {
  const asked = exchange.header("access-control-request-headers") ?? "";
  return asked.split(/\s*,\s*/).filter((name) => /^mcp-param-[!#$%&'*+.^_`|~\w-]+$/i.test(name));
}

/** Finds out who calls, without a promise where auth needs none: this is on the way of every call. */
function logIn(exchange: Exchange, served: Served): Principal | Promise<Principal> {
  const { auth, limits } = served;
  if (auth.required) limits.admitLogin(exchange.address);
  try {
    const principal = auth.identify(exchange);
    if (!(principal instanceof Promise)) return principal;
    return principal.catch((thrown: unknown) => refuseLogin(thrown, exchange, served));
  } catch (thrown) {
    return refuseLogin(thrown, exchange, served);
  }
}

/** A refusal counts against the address, and the tokens of an address that fails too often are ignored. An outage does not. */
function refuseLogin(thrown: unknown, exchange: Exchange, { service, auth, limits, log }: Served): never {
  const error = toGatewayError(thrown);
  if (error.name !== "unauthorized") throw error;
  const { address } = exchange;
  limits.loginFailed(address);
  exchange.addHeaders(auth.challenge());
  audit(log, "refused", { service: service.name, address, reason: String(error.details["reason"]) });
  throw error;
}

/** Which limit a request counts against. The modern era has no sessions, so its requests have no second bucket. */
function purposeOf(exchange: Exchange, service: Service): Purpose {
  return !exchange.modern && service.hasSession(exchange.header("mcp-session-id")) ? "session" : "outside";
}

function logAccess(exchange: Exchange, log: Logger, service: string | undefined): void {
  const { method, path, address, refusal, res } = exchange;
  const ms = Math.round(performance.now() - exchange.started);
  log.debug({ service, method, path, address, status: res.statusCode, refusal, ms }, "request");
}
