/** From a service's configuration to the service: which connection, which isolation. */
import { openChild } from "./bridge/child.ts";
import { openHttpUpstream } from "./bridge/http-upstream.ts";
import type { OpenLink } from "./bridge/link.ts";
import { packageRunner } from "./bridge/package-runner.ts";
import { openSseUpstream } from "./bridge/sse-upstream.ts";
import { ConfigError, type ServiceConfig } from "./config.ts";
import type { Logger } from "./log.ts";
import type { MemoryBudget, Share } from "./memory-budget.ts";
import { Eras } from "./sessions/translation/detect-era.ts";
import { openReplica, type Replica } from "./sessions/replicas/replica.ts";
import type { Backend } from "./sessions/servers/contract.ts";
import { ModernServer } from "./sessions/servers/modern.ts";
import { PerSessionBackend } from "./sessions/servers/per-session.ts";
import { Service, type ServiceWatcher } from "./sessions/service.ts";
import { SharedBackend } from "./sessions/servers/shared.ts";

/** What a service has of its gateway. */
export interface OfGateway {
  /** Whether a file names it among others. */
  readonly inFile: boolean;
  /** What the gateways of the service sign with; undefined = a secret in the state folder, or none. */
  readonly secret: string | undefined;
  readonly memory: MemoryBudget;
  readonly log: Logger;
  readonly watcher: ServiceWatcher;
}

/** A service, not yet started. @throws ConfigError when the state folder cannot be used */
export function createService(config: ServiceConfig, { inFile, secret, memory, log, watcher }: OfGateway): Service {
  const { name: service, server, maxSessions, maxOpenCalls, idleTtl, revive } = config;
  if (server.kind === "needs" || server.kind === "failed") return new Service(config, server, log, watcher);
  const sessions = { service, maxSessions, maxOpenCalls, idleTtl, revive, memory, replica: replicaOf(config, secret) };
  const open = linkOpener(config, { inFile, memory: memory.ofServer(service) }, log);
  const runner = runnerOf(config);
  const patience = runner === undefined ? undefined : config.startTimeout;
  return new Service(config, { eras: createEras(config, open, log), sessions, runner, patience }, log, watcher);
}

function replicaOf({ name: service, ...config }: ServiceConfig, secret: string | undefined): Replica | undefined {
  try {
    return openReplica(secret, { service, ...config });
  } catch (error) {
    const hint = "expected a folder that this user can write in, on a file system with locks";
    throw new ConfigError(
      `STATE_DIR: got ${config.stateDir}, which cannot be used (${(error as Error).message}), ${hint}`,
    );
  }
}

/** Upstreams over HTTP are called in the legacy era. A server that all share may not run twice, not even for a probe. */
function createEras(config: ServiceConfig, open: OpenLink, log: Logger): Eras {
  const {
    name: service,
    requestTimeout,
    startTimeout,
    isolation,
    serial,
    idleTtl,
    maxSessions: maxClients,
    tools,
    server,
  } = config;
  const make = {
    legacy: () => createBackend(config, open, log),
    modern: () =>
      new ModernServer(
        open,
        { service, requestTimeout, startTimeout, serial, tentative: true, runner: runnerOf(config) },
        log,
      ),
  };
  const mayProbe = server.kind === "stdio" && isolation === "session";
  return new Eras(make, { service, mayProbe, maxClients, idleTtl, tools }, log);
}

function createBackend(config: ServiceConfig, open: OpenLink, log: Logger): Backend {
  const { name: service, requestTimeout, startTimeout, isolation, serial, revive, maxChildren, maxSessions } = config;
  const options = {
    service,
    requestTimeout,
    startTimeout,
    remote: config.server.kind !== "stdio",
    runner: runnerOf(config),
  };
  if (isolation === "shared") return new SharedBackend(open, { ...options, serial }, log);
  const isProcess = config.server.kind === "stdio";
  const max = isProcess ? maxChildren : maxSessions + 1; // an upstream's session costs no process here
  return new PerSessionBackend(open, { ...options, revive, max, warm: isProcess }, log);
}

const runnerOf = ({ server }: ServiceConfig) =>
  server.kind === "stdio" ? packageRunner(server.command, server.args) : undefined;

/** @param own.memory where what waits for the server, and what it has half said, is counted */
function linkOpener(
  { name: service, server, maxLine }: ServiceConfig,
  own: { readonly inFile: boolean; readonly memory: Share },
  log: Logger,
): OpenLink {
  const common = { service, maxLine, memory: own.memory };
  if (server.kind === "stdio") return (events) => openChild({ ...common, inFile: own.inFile, ...server }, log, events);
  if (server.kind === "http") return (events) => openHttpUpstream({ ...common, ...server }, log, events);
  if (server.kind === "sse") return (events) => openSseUpstream({ ...common, ...server }, log, events);
  throw new Error(`${service} has no server`);
}
