/** The life of a request: every check that is on by default, in its order, and the one place where an error becomes an answer. */
import type { RequestListener } from "node:http";
import type { BlockList } from "node:net";
import type { BearerAuth } from "./auth/bearer.ts";
import { GatewayError, toGatewayError } from "./errors.ts";
import { readiness, serviceHealth } from "./health.ts";
import { encode } from "./jsonrpc.ts";
import { clientAddress } from "./limits/client-address.ts";
import { admitHost, admitOrigin } from "./limits/host-and-origin.ts";
import type { Limits, Purpose } from "./limits/limits.ts";
import { audit, type Logger } from "./log.ts";
import type { Service } from "./sessions/service.ts";
import type { Principal } from "./sessions/session.ts";
import { Exchange } from "./transports/exchange.ts";
import { FORWARDED, type Seals } from "./transports/forwarded.ts";
import type { StreamableHttp } from "./transports/streamable-http.ts";

/** A service as it is served. */
export interface Served {
  readonly service: Service;
  readonly auth: BearerAuth;
  readonly limits: Limits;
  readonly mcp: StreamableHttp;
  /** What other gateways say of requests; undefined = there are none. */
  readonly seals: Seals | undefined;
  /** Origins of web pages that may call. */
  readonly origins: ReadonlySet<string>;
  readonly log: Logger;
}

export interface AppParts {
  /** Which service a request is for; strips what named it from the path. Undefined: what the app itself answers. */
  readonly route: (exchange: Exchange) => Served | undefined;
  /** Answers what is for no service. @throws GatewayError `not-found` */
  readonly own: (exchange: Exchange) => void;
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
  readonly trustedProxies: BlockList | undefined;
  /** Whether every connection is to be closed after its answer. */
  readonly draining: () => boolean;
  readonly log: Logger;
}

/** Answers HTTP requests. */
export function createApp(parts: AppParts): RequestListener {
  return (req, res) => void answer(new Exchange(req, res, addressOf(req, parts), parts.log), parts);
}

async function answer(exchange: Exchange, parts: AppParts): Promise<void> {
  const served = parts.route(exchange);
  const { log, origins } = served ?? parts;
  if (log.isLevelEnabled("debug")) exchange.res.once("close", () => logAccess(exchange, log, served?.service.name));
  try {
    if (parts.draining()) exchange.headers["connection"] = "close";
    if (served && isProbe(exchange)) return answerProbe(exchange, served.service);
    if (served && exchange.header(FORWARDED) !== undefined) return await answerSibling(exchange, served);
    admitHost(exchange.header("host"), parts.hosts);
    admitOrigin(exchange.header("origin"), parts.hosts, origins);
    if (allowCrossOrigin(exchange, origins)) return;
    if (!served) return parts.own(exchange);
    if (exchange.path !== "/mcp" && exchange.path !== "/mcp/") throw notFound(exchange);
    const principal = logIn(exchange, served);
    served.limits.admitRequest(exchange.address, principal.id, purposeOf(exchange, served.service));
    await served.mcp.handle(exchange, served.service, principal);
  } catch (error) {
    exchange.fail(toGatewayError(error));
  }
}

/** A request that another gateway of the service sent on: that one has done the checks, and says whose it is. */
async function answerSibling(exchange: Exchange, { service, seals, mcp, log }: Served): Promise<void> {
  try {
    if (!seals) throw new GatewayError("forward-refused");
    exchange.forwarded = seals.open(exchange);
  } catch (error) {
    audit(log, "refused", { service: service.name, address: exchange.address, reason: "not sent on by a gateway" });
    throw error;
  }
  exchange.address = exchange.forwarded.address;
  await mcp.handle(exchange, service, { id: exchange.forwarded.principal });
}

function addressOf(req: Parameters<RequestListener>[0], { trustedProxies }: AppParts): string {
  return clientAddress(req.socket.remoteAddress ?? "", req.headers, trustedProxies);
}

/** Probes need no token and may come by any name: what they tell is public. */
const isProbe = ({ path, method }: Exchange) =>
  (path === "/health" || path === "/ready") && (method === "GET" || method === "HEAD");

function answerProbe(exchange: Exchange, service: Service): void {
  if (exchange.path === "/health") return exchange.json(200, encode(serviceHealth(service, new Date())));
  const { status, body } = readiness(service);
  exchange.json(status, encode(body));
}

/**
 * Lets pages of the configured origins call (Fetch standard, CORS).
 * @returns whether the request was a preflight and has been answered
 */
function allowCrossOrigin(exchange: Exchange, origins: ReadonlySet<string>): boolean {
  const origin = exchange.header("origin");
  if (origin === undefined || !(origins.has(origin) || origins.has("*"))) return false;
  exchange.headers["access-control-allow-origin"] = origin;
  exchange.headers["access-control-expose-headers"] =
    "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After";
  exchange.headers["vary"] = "Origin";
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

/** Finds out who calls. A failure counts against the address, and an address that fails too often is not even compared. */
function logIn(exchange: Exchange, { service, auth, limits, log }: Served): Principal {
  const { address } = exchange;
  if (auth.required) limits.admitLogin(address);
  try {
    return auth.identify(exchange.header("authorization"));
  } catch (error) {
    limits.loginFailed(address);
    const reason = exchange.header("authorization") === undefined ? "no token" : "unknown token";
    audit(log, "refused", { service: service.name, address, reason });
    throw error;
  }
}

/** What a request draws on. The modern era has no sessions: a client that is told to slow down finds no second way in. */
function purposeOf(exchange: Exchange, service: Service): Purpose {
  return !exchange.modern && service.hasSession(exchange.header("mcp-session-id")) ? "session" : "outside";
}

function logAccess(exchange: Exchange, log: Logger, service: string | undefined): void {
  const { method, path, address, refusal, res } = exchange;
  const ms = Math.round(performance.now() - exchange.started);
  log.debug({ service, method, path, address, status: res.statusCode, refusal, ms }, "request");
}

const notFound = ({ path }: Exchange) => new GatewayError("not-found", { path });
