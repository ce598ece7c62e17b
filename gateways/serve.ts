/** From a service's configuration to the service as a gateway serves it: its ways in, who may call it, and how often. */
import type { Auth } from "./auth/auth.ts";
import { authOf } from "./auth/kinds.ts";
import type { GatewayConfig, ServiceConfig, SharedValues } from "./config.ts";
import { isExposed } from "./config/callers.ts";
import { createService, type OfGateway } from "./create-service.ts";
import { Journal } from "./journal.ts";
import type { PagePolicy } from "./limits/host-and-origin.ts";
import { Limits } from "./limits/limits.ts";
import type { Placed } from "./live-services.ts";
import type { Logger } from "./log.ts";
import { Operations } from "./metrics/operations.ts";
import type { Served } from "./served.ts";
import type { ServiceWatcher } from "./sessions/service.ts";
import { THREE_TOOLS } from "./sessions/tools/search/three-tools.ts";
import { CallAudit } from "./transports/call-audit.ts";
import { ClientAudit } from "./transports/client-audit.ts";
import { ForwardVerifier } from "./transports/forward-signature.ts";
import { Heartbeat } from "./transports/heartbeat.ts";
import { HttpSse } from "./transports/http-sse.ts";
import { ModernRequests } from "./transports/modern-requests.ts";
import { OtherReplicas } from "./transports/other-replicas.ts";
import { StreamableHttp } from "./transports/streamable-http.ts";
import type { Transport } from "./transports/transport.ts";
import { WebSockets } from "./transports/web-socket.ts";
import type { Tracer } from "./tracing/tracer.ts";
import { verifyAuthOf } from "./verifying.ts";

/** What a service has of its gateway, apart from the gateway's configuration. */
export interface OfServing extends Omit<OfGateway, "inFile" | "secret" | "ownSecret" | "operations"> {
  /** What makes a span of each request. @default - nothing does */
  readonly tracer?: Tracer | undefined;
}

/** A service as it is served, not yet started. @throws ConfigError when the state folder cannot be used */
export function serve(config: ServiceConfig, gateway: GatewayConfig, ofGateway: OfServing): Served {
  const { logLevel, maxBody } = config;
  // A service with the gateway's own level uses the gateway's log, which is quieter on a terminal (main.ts).
  const journal = new Journal();
  const own = ofGateway.log;
  const log = journal.of(logLevel === gateway.logLevel ? own : own.child({}, { level: logLevel }));
  const heartbeat = new Heartbeat(config.heartbeat);
  const limits = limitsOf(config);
  const verify = verifyAuthOf(config, gateway, log);
  const isSearched = config.discovery === "search";
  const operations = gateway.metricsPort === undefined ? undefined : new Operations((name) => isTool(name));
  const isTool = (name: string) => service.toolNames.includes(name) || (isSearched && OWN_TOOLS.has(name));
  const watcher = operations ? counting(ofGateway.watcher, operations) : ofGateway.watcher;
  const ofThis = { inFile: gateway.hub, secret: gateway.sessionSecret, ownSecret: verify?.ownSecret };
  const service = createService(config, { ...ofGateway, ...ofThis, watcher, operations, log });
  const replicas = new OtherReplicas(service, log);
  const modern = new ModernRequests(service, new ClientAudit(service.name, log));
  // Above info nobody would read the lines, so none are put together.
  const isAudited = config.audit === "calls" && log.isLevelEnabled("info");
  const { name, lastHour } = service;
  const calls = new CallAudit(
    { service: name, lastHour, isSilent: !isAudited, isSearched, operations, tracer: ofGateway.tracer },
    log,
  );
  const parts = { service, heartbeat, replicas, limits, maxBody, calls, modern };
  const ways: Transport[] = [new StreamableHttp(parts), new HttpSse(parts), new WebSockets(parts)];
  const auth = authFor(config, gateway, verify, log);
  const { replica } = service;
  return {
    service,
    isolation: config.isolation,
    server: config.server,
    log,
    journal,
    calls,
    operations,
    modern,
    heartbeat,
    replicas,
    pages: pagesFor(gateway.host, config.allowedOrigins),
    verifier: replica && new ForwardVerifier(replica.forwardKey, () => replica.address),
    auth,
    limits,
    transports: new Map(ways.flatMap((way) => way.paths.map((path) => [path, way]))),
  };
}

/** What a service offers itself where its tools are found by a search. */
const OWN_TOOLS: ReadonlySet<string> = new Set(THREE_TOOLS.map(({ name }) => name));

/** Counts the sessions that end, before whoever else wants to know. */
const counting = (watcher: ServiceWatcher, { sessions }: Operations): ServiceWatcher => ({
  ...watcher,
  session: (service, event) => {
    if (event.lasted !== undefined) sessions.observe(event.lasted / 1_000);
    watcher.session?.(service, event);
  },
});
/** What may differ without its server being another: who may call it, and of what services a group is made. */
const REFRESHED: ReadonlySet<string> = new Set(["members", "tokens", "tokenDigests", "namedTokens"]);

/**
 * The same service with another configuration. Sessions end whose token opens it no longer.
 * @param keys what differs
 * @returns undefined where it must be served anew
 */
export function refreshed(
  { served, config: before }: Placed,
  config: ServiceConfig,
  gateway: GatewayConfig,
  keys: readonly string[],
): Served | undefined {
  const hadNames = before.namedTokens.length > 0; // clients keep a list of tools that is the same for everybody
  if (hadNames !== config.namedTokens.length > 0) return undefined;
  if (!keys.every((key) => REFRESHED.has(key)) || config.auth.includes("verify")) return undefined;
  if (keys.every((key) => key === "members")) return { ...served, server: config.server };
  served.auth.stop?.();
  const auth = authFor(config, gateway, undefined, served.log);
  served.service.endSessions((principal) => !auth.accepts(principal));
  return { ...served, server: config.server, auth };
}

const authFor = (config: ServiceConfig, gateway: GatewayConfig, verify: Auth | undefined, log: Logger): Auth =>
  authOf(config.auth, {
    verify,
    tokens: [...gateway.tokens, ...config.tokens],
    tokenDigests: [...gateway.tokenDigests, ...config.tokenDigests],
    namedTokens: [...gateway.namedTokens, ...config.namedTokens],
    logins: loginsOf(config),
    log,
  });

/** How its users log in. */
const loginsOf = ({ name, authIssuer, authServer, authSecret, publicUrl, authAudience, authClaim }: ServiceConfig) => ({
  service: name,
  issuer: authIssuer,
  server: authServer,
  secret: authSecret,
  publicUrl,
  audiences: authAudience,
  claim: authClaim,
});

/** On loopback every program of this machine may call, with a token if one is asked for, so its pages may, too. */
export function pagesFor(host: string, origins: readonly string[]): PagePolicy {
  return { origins: new Set(origins), loopback: !isExposed(host) };
}

/** How often a client may call. */
export function limitsOf({ requestRate, requestBurst, sessionRate, loginRate, exemptLoopback }: SharedValues): Limits {
  return new Limits({
    requests: requestRate.times === 0 ? undefined : { rate: requestRate, burst: requestBurst },
    sessionsPerMinute: sessionRate,
    failedLoginsPerMinute: loginRate,
    exemptLoopback,
  });
}
