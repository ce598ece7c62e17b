/** The life of a request: every check that is on by default, in its order, and the one place where an error becomes an answer. */
import type { IncomingMessage, RequestListener } from "node:http";
import type { Connections } from "./connections.ts";
import type { Auth } from "./auth/auth.ts";
import { loginMistake, neverValid } from "./auth/login-mistakes.ts";
import { answerWithLogins, type LoginPlace } from "./oauth-answers.ts";
import { answerOAuth, oauthQuestion, type OAuthQuestion } from "./transports/no-oauth.ts";
import { GatewayError, toGatewayError } from "./errors.ts";
import { readiness, serviceHealth } from "./health.ts";
import { encode } from "./jsonrpc.ts";
import { admitPage, letPageRead, type PageRules } from "./transports/cross-origin.ts";
import {
  admitHost,
  isOwnHost,
  nameIn,
  type HostNames,
  type PagePolicy,
  type StartedBy,
} from "./limits/host-and-origin.ts";
import type { Purpose } from "./limits/limits.ts";
import type { Refusals } from "./limits/refusals.ts";
import { admitHeaders } from "./limits/single-headers.ts";
import { clientOf, type TrustedProxies } from "./limits/trusted-proxies.ts";
import { audit, type Logger } from "./log.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { named, type Principal } from "./principal.ts";
import type { PageAtPort } from "./page/door.ts";
import type { Served } from "./served.ts";
import type { Service } from "./sessions/service.ts";
import { baseOf, Exchange, hostIn, pathOf } from "./transports/exchange.ts";
import { asksForPage } from "./transports/media-types.ts";
import { FORWARDED, type Forwarded } from "./transports/forwarded.ts";
import { authorizationIn } from "./transports/subprotocols.ts";
import type { Transport } from "./transports/transport.ts";
import { Handshake } from "./upgrades.ts";

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
  readonly names: HostNames;
  /** Web pages that may read what is of no service. */
  readonly pages: PagePolicy;
  /** How the gateway was started, which is how further pages are allowed. */
  readonly startedBy: StartedBy;
  /** Whether a token is needed for any service. */
  readonly takesTokens: () => boolean;
  /** Whether what comes to a host is for static tokens alone (`keyHosts`, `keyPort`). */
  readonly takesKeys: (host: string | undefined) => boolean;
  readonly proxies: TrustedProxies;
  readonly refusals: Refusals;
  readonly memory: MemoryBudget;
  readonly connections: Connections;
  /** Whether the gateway is shutting down: it still serves, but should get no new calls. */
  readonly stopping: () => boolean;
  /** What browsers are shown. */
  readonly page: PageAtPort;
  /** Whether every connection is to be closed after its answer. */
  readonly draining: () => boolean;
  readonly log: Logger;
}

/** Answers HTTP requests. */
export function createApp(parts: AppParts): RequestListener {
  return (req, res) => {
    if (res instanceof Handshake) loginBySubprotocol(req);
    const path = pathOf(req.url);
    const route = parts.route(path);
    const client = clientOf(req.socket.remoteAddress ?? "", req.headers, parts.proxies);
    const facts = {
      client,
      path: route?.path ?? path,
      service: route?.served.service.name,
      takesKeys: parts.takesKeys(req.headers.host),
      challenge: (error: GatewayError) => (route ? challengeOf(exchange, route.served, error) : {}),
    };
    const exchange: Exchange = new Exchange(req, res, facts, route?.served.log ?? parts.log);
    parts.connections.begin(req.socket, exchange);
    void answer(exchange, route?.served, parts);
  };
}

async function answer(exchange: Exchange, served: Served | undefined, parts: AppParts): Promise<void> {
  const { log, pages } = served ?? parts;
  const rules: PageRules = { pages, names: parts.names, startedBy: parts.startedBy };
  if (log.isLevelEnabled("debug")) exchange.res.once("close", () => logAccess(exchange, log, served?.service.name));
  try {
    if (parts.draining()) exchange.addHeaders({ connection: "close" });
    if (exchange.isSafe) exchange.addHeaders(NOT_KEPT);
    admitHeaders(exchange.req.rawHeaders);
    if (served?.waitsFor) await served.waitsFor;
    if (served && isProbe(exchange)) return await answerProbe(exchange, served, parts, rules);
    if (served && exchange.header(FORWARDED) !== undefined) return await answerForwarded(exchange, served, parts);
    for (const host of hostsOf(exchange)) admitHost(host, parts.names);
    const transport = served && transportAt(exchange.path, served);
    const asked = transport ? undefined : oauthQuestion(exchange);
    const oauth = asked && oauthFor(asked, exchange, served, parts);
    if (asked && oauth) return await answerWithLogins(exchange, asked, oauth);
    if (admitPage(exchange, rules)) return;
    if (parts.page.has(exchange)) return await parts.page.answer(exchange);
    if (asked) return answerOAuth(exchange, served?.auth.required ?? parts.takesTokens());
    if (!served) return await parts.own(exchange);
    if (isVisit(exchange, transport)) return await parts.page.showService(exchange, served);
    if (!transport) throw nothingAt(exchange);
    if (exchange.handshake && !transport.upgrades)
      throw new GatewayError("websocket-elsewhere", { path: exchange.path });
    const principal = await logIn(exchange, served, parts);
    admitPrincipal(principal, served);
    served.limits.admitRequest(exchange.client, principal.id, purposeOf(exchange, served.service));
    await transport.handle(exchange.admit(principal, parts.memory.of(principal.id, exchange.address)));
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (!exchange.call) served?.calls.refused(error, exchange.started);
    noteRefusal(error, exchange, served, parts);
    exchange.fail(error);
  }
}

/** What is told by GET is of the moment, and depends on who asks: no cache may give it to the next one. */
const NOT_KEPT = { "cache-control": "no-store", vary: "Accept, Origin" };

/** How a refused caller is told to log in. */
function challengeOf(exchange: Exchange, { auth }: Served, error: GatewayError): Readonly<Record<string, string>> {
  if (error.status !== 401 && error.name !== "insufficient-scope") return {};
  const { path, takesKeys } = exchange;
  const [host, base] = [exchange.header("host"), baseOf(exchange)];
  return auth.challenge({ host, base, path, takesKeys, error, header: (name) => exchange.header(name) });
}

/** The service with logins that an OAuth client asks about; undefined when it has none, or none here. */
function oauthFor(
  { path }: OAuthQuestion,
  exchange: Exchange,
  served: Served | undefined,
  { route }: AppParts,
): LoginPlace | undefined {
  if (exchange.takesKeys) return undefined;
  const whole = baseOf(exchange) + path;
  const found = (served && { served, path }) ?? route(whole) ?? route(`${whole}/mcp`.replace("//", "/"));
  const documents = found?.served.auth.oauth;
  if (!found || !documents) return undefined;
  const base = whole.endsWith(found.path) ? whole.slice(0, whole.length - found.path.length) : whole;
  return { documents, called: { host: exchange.header("host"), base, path: found.path } };
}

/** The hosts that a request names: in its header, and in a request line as a proxy gets it. */
function hostsOf({ req }: Exchange): (string | undefined)[] {
  const named = hostIn(req.url);
  return named === undefined ? [req.headers.host] : [req.headers.host, named];
}

/** Answers a request that another gateway of the service has checked and forwarded. */
async function answerForwarded(exchange: Exchange, served: Served, parts: AppParts): Promise<void> {
  const forwarded = verifyForwarded(exchange, served);
  const principal = principalIn(forwarded, served.auth);
  served.auth.forwarded?.(principal);
  admitPrincipal(principal, served);
  const share = parts.memory.of(principal.id, forwarded.address);
  const transport = transportAt(exchange.path, served);
  if (!transport) throw nothingAt(exchange);
  await transport.handle(exchange.admitForwarded(forwarded, principal, share));
}

/** One that is told by its id alone is the one of this id here, with what its token opens here. */
const principalIn = ({ principal, rights }: Forwarded, auth: Auth): Principal =>
  rights ? ({ ...rights, id: principal } as Principal) : (auth.known?.(principal) ?? { id: principal });

/** A claim that is not valid counts like a failed login: whoever makes one up has no business here. */
function verifyForwarded(exchange: Exchange, served: Served): Forwarded {
  try {
    if (!served.verifier) throw new GatewayError("forward-refused");
    return served.verifier.verify(exchange);
  } catch (error) {
    countFailure(exchange, served, "");
    throw error;
  }
}

/** Whoever may use nothing is told so at once, and takes no place of those who may. @throws GatewayError `not-allowed` */
function admitPrincipal(principal: Principal, { service, log }: Served): void {
  if (service.admits(principal)) return;
  audit(log, "refused", { service: service.name, ...named(principal), reason: "not allowed" });
  throw new GatewayError("not-allowed", { caller: principal.name ?? principal.id, service: service.name });
}

/** A page in a browser can send no header with a WebSocket. */
function loginBySubprotocol({ headers }: IncomingMessage): void {
  const authorization = authorizationIn(headers);
  if (authorization !== undefined) headers.authorization ??= authorization;
}

const transportAt = (path: string, { transports }: Served): Transport | undefined =>
  transports.get(path.endsWith("/") ? path.slice(0, -1) : path);

const nothingAt = (exchange: Exchange) =>
  new GatewayError("not-found", { path: pathOf(exchange.req.url), base: baseOf(exchange) });

/** Whether a browser shows the answer to a person. An MCP client asks for a stream, and curl for anything. */
const isVisit = (exchange: Exchange, transport: Transport | undefined) =>
  exchange.isSafe &&
  (transport !== undefined || exchange.path === "/") &&
  exchange.session === undefined &&
  exchange.handshake === undefined &&
  asksForPage(exchange.header("accept"));

/**
 * Probes need no token and may use any host name: their answers are public. Why a server is down is told on this machine, but not
 * to a page of a site whose name was made to point here: its browser is on this machine, too.
 */
const isProbe = (exchange: Exchange) => (exchange.path === "/health" || exchange.path === "/ready") && exchange.isSafe;

async function answerProbe(
  exchange: Exchange,
  { service, auth }: Served,
  { stopping, names }: AppParts,
  rules: PageRules,
): Promise<void> {
  letPageRead(exchange, rules);
  if (exchange.path === "/health") return exchange.json(200, encode(serviceHealth(service, new Date())));
  const knowsMore = exchange.client.local && hostsOf(exchange).every((host) => isOwnHost(host, names));
  const { status, body } = await readiness(service, { knowsMore, stopping: stopping(), loginProblem: auth.problem });
  exchange.json(status, encode(body));
}

/** Finds out who calls, without a promise where auth needs none: this is on the way of every call. */
function logIn(exchange: Exchange, served: Served, parts: AppParts): Principal | Promise<Principal> {
  const { auth } = served;
  try {
    if (auth.oauth === undefined && neverValid(exchange.header("authorization")))
      throw new GatewayError("unauthorized", { reason: "unknown token" });
    const principal = auth.identify(exchange);
    if (!(principal instanceof Promise)) return principal;
    return principal.catch((thrown: unknown) => refuseLogin(thrown, exchange, served, parts));
  } catch (thrown) {
    return refuseLogin(thrown, exchange, served, parts);
  }
}

/**
 * A refusal counts against the address, and those who fail too often are told nothing more. Whoever has a valid token never
 * comes here, so others' failures lock nobody out. An outage does not count.
 */
function refuseLogin(thrown: unknown, exchange: Exchange, served: Served, { refusals }: AppParts): never {
  const error = toGatewayError(thrown);
  if (error.status !== 401) throw error;
  const { service, log } = served;
  const mistake = loginMistake(exchange.header("authorization"));
  const detail = mistake === undefined ? String(error.details["detail"] ?? "") : `: ${mistake}`;
  const fields = { service: service.name, address: exchange.address, userAgent: exchange.header("user-agent") };
  const reason = mistake ?? String(error.details["reason"]);
  // Nobody guesses an access token, each login begins with a refusal, and the clients of many users share few addresses.
  if (error.name === "login-required") refusals.note({ ...fields, reason });
  else if (countFailure(exchange, served, detail))
    refusals.note({ ...fields, reason: "failed logins beyond the limit" });
  else audit(log, "refused", { ...fields, reason });
  throw new GatewayError(error.name, { ...error.details, detail });
}

/**
 * Counts a failed login, and tells the audit once when that is one too many.
 * @returns whether it is; only where callers of this machine are exempt
 * @throws GatewayError `too-many-failed-logins`
 */
function countFailure(exchange: Exchange, { service, limits, log }: Served, detail: string): boolean {
  const { client, address } = exchange;
  const lockout = limits.loginFailed(client);
  if (!lockout) return false;
  const whose = lockout.whose === "all" ? "all addresses together" : lockout.whose;
  if (lockout.begins) {
    audit(log, "login-lockout", { service: service.name, address, reason: `too many failed logins from ${whose}` });
  }
  if (limits.exempts(client)) return true;
  throw new GatewayError("too-many-failed-logins", { whose, detail }, { retryAfter: lockout.wait });
}

/** Refusals that the audit tells of in sum. */
const TOLD_IN_SUM: Readonly<Record<string, string>> = {
  "host-not-allowed": "unknown host name",
  "origin-not-allowed": "page of another site",
  "forward-refused": "not forwarded by a gateway",
  "too-many-failed-logins": "failed logins beyond the limit",
};

function noteRefusal(
  error: GatewayError,
  exchange: Exchange,
  served: Served | undefined,
  { refusals }: AppParts,
): void {
  const reason = TOLD_IN_SUM[error.name];
  if (reason === undefined) return;
  const named = { host: nameOf(error.details["host"]), origin: nameOf(error.details["origin"]) };
  refusals.note({ service: served?.service.name ?? "hub", address: exchange.address, reason, ...named });
}

/** The name in a Host or Origin header for the log: letters, digits, dots and dashes, or nothing. */
const nameOf = (written: unknown) =>
  typeof written === "string" ? (nameIn(written.slice(written.lastIndexOf("/") + 1)) ?? "unreadable") : undefined;

/** What opens a session leaves something of the limit to open ones. The modern era has no sessions. */
function purposeOf(exchange: Exchange, service: Service): Purpose {
  return exchange.modern || service.hasSession(exchange.session) ? "call" : "opening";
}

function logAccess(exchange: Exchange, log: Logger, service: string | undefined): void {
  const { method, path, address, refusal, res } = exchange;
  const ms = Math.round(performance.now() - exchange.started);
  log.debug({ service, method, path, address, status: res.statusCode, refusal, ms }, "request");
}
