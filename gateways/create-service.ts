/** From a service's configuration to the service: which connection, which isolation. */
import { openChild } from "./bridge/child.ts";
import type { ConnectionOptions } from "./bridge/connection.ts";
import { openHttpUpstream } from "./bridge/http-upstream.ts";
import type { OpenLink } from "./bridge/link.ts";
import { openModernUpstream } from "./bridge/modern-upstream.ts";
import { Runner } from "./bridge/runner.ts";
import { packageRunner } from "./bridge/package-runner.ts";
import { openSseUpstream } from "./bridge/sse-upstream.ts";
import { reviewedIn } from "./config/reviewed.ts";
import { ownSecretOf } from "./config/verify.ts";
import { ConfigError, type GroupMember, type ServiceConfig } from "./config.ts";
import type { Logger } from "./log.ts";
import type { MemoryBudget, Share } from "./memory-budget.ts";
import type { Operations } from "./metrics/operations.ts";
import { GroupBackend, type GroupParts } from "./sessions/groups/group-backend.ts";
import { GroupMembers } from "./sessions/groups/group-members.ts";
import { GroupLock } from "./sessions/groups/group-lock.ts";
import { Eras, type MakeServer } from "./sessions/translation/detect-era.ts";
import { sandboxFor } from "./sandboxes.ts";
import { openReplica, type Replica } from "./sessions/replicas/replica.ts";
import type { SerialLock } from "./sessions/replicas/serial-lock.ts";
import type { Review } from "./sessions/tools/reviewed-tools.ts";
import type { Backend, CredentialOf } from "./sessions/servers/contract.ts";
import { ModernForEach } from "./sessions/servers/modern-for-each.ts";
import { ModernServer } from "./sessions/servers/modern.ts";
import { PerSessionBackend } from "./sessions/servers/per-session.ts";
import { Service, type SecretCheck, type ServiceWatcher } from "./sessions/service.ts";
import { SharedBackend, type SharedOptions } from "./sessions/servers/shared.ts";
import { ToolListChanges } from "./sessions/tools/list-changes.ts";

/** What a service has of its gateway. */
export interface OfGateway {
  /** Whether a file names it among others. */
  readonly inFile: boolean;
  /** What the gateways of the service sign with; undefined = a secret in the state folder, or none. */
  readonly secret: string | undefined;
  /** What knows whether the service's own secret is of any use. @default it needs none */
  readonly ownSecret?: SecretCheck | undefined;
  readonly memory: MemoryBudget;
  readonly log: Logger;
  readonly watcher: ServiceWatcher;
  /** Where what the gateways of the service share is counted. @default - nowhere */
  readonly operations?: Operations | undefined;
  /** Finds a service of the same gateway, for a group. @default there are none */
  readonly find?: (name: string) => Service;
  /** Who a principal of a group is for its services, if they judge the patterns of its token. @default the group does */
  readonly atMember?: GroupParts["atMember"];
}

/** A service, not yet started. @throws ConfigError when the state folder cannot be used */
export function createService(config: ServiceConfig, ofGateway: OfGateway): Service {
  const { inFile, secret, ownSecret, memory, log, watcher, operations } = ofGateway;
  const { name: service, server, maxSessions, maxOpenCalls, idleTtl, revive } = config;
  if (server.kind === "needs" || server.kind === "failed") return new Service(config, server, log, watcher);
  const pinned = unreviewed(config);
  if (pinned) return new Service(config, pinned, log, watcher);
  const replica = replicaOf(config, secret, operations);
  const sessions = { service, maxSessions, maxOpenCalls, idleTtl, revive, memory, replica };
  if (server.kind === "group") {
    const members = new GroupMembers(membersOf(config, server.members, ofGateway));
    const legacy = () => groupOf(config, server.members, members, ofGateway);
    const guards = ofGateway.atMember === undefined;
    const lock = sessions.replica && lockOf(service, members.list);
    const eras = createEras(config, { legacy }, log, guards);
    return new Service(config, { eras, sessions, lock, members }, log, watcher);
  }
  const toolListChanges = new ToolListChanges();
  const open = openers(config, { inFile, memory: memory.ofServer(service) }, log);
  const runner = runnerOf(config);
  const patience = runner === undefined ? undefined : config.startTimeout;
  const isLazy = isProcess(config) && config.start === "lazy";
  const eras = createEras(config, serversOf(config, open, { onToolsChanged: toolListChanges.note }, log), log);
  return new Service(config, { eras, sessions, toolListChanges, runner, patience, ownSecret, isLazy }, log, watcher);
}

function replicaOf(
  { name: service, ...config }: ServiceConfig,
  secret: string | undefined,
  operations: Operations | undefined,
): Replica | undefined {
  try {
    return openReplica(secret, { service, ...config, operations });
  } catch (error) {
    const hint = "expected a folder that this user can write in, on a file system with locks";
    throw new ConfigError(
      `STATE_DIR: got ${config.stateDir}, which cannot be used (${(error as Error).message}), ${hint}`,
    );
  }
}

/**
 * A server that all share may not run twice, not even for a probe. An upstream runs once, whoever calls it, so it may be
 * asked; but not in both eras at once where it takes one call at a time. HTTP+SSE is older than the modern era.
 */
function createEras(config: ServiceConfig, make: MakeServer, log: Logger, guards = true): Eras {
  const { name: service, isolation, serial, idleTtl, maxSessions: maxClients, tools, discovery, allow } = config;
  const { kind } = config.server;
  const review = kind === "group" ? undefined : reviewOf(config);
  const mayProbe = kind === "http" ? !(serial && isolation === "shared") : kind === "stdio" && isolation === "session";
  const differs = allow !== undefined || config.namedTokens.length > 0 || config.auth.some((kind) => kind !== "bearer");
  const shown = { tools, review, discovery, allow, guards, differs };
  return new Eras(make, { service, mayProbe, mayChange: kind === "http", maxClients, idleTtl, ...shown }, log);
}

/** A group has no tools of its own: its members look after theirs. */
function reviewOf({ reviewedTools, pinTools: pins }: ServiceConfig): Review | undefined {
  const digests = reviewedIn(reviewedTools);
  return digests && { digests, pins };
}

/** Why a service cannot run whose tools are pinned to a review that there has not been. */
function unreviewed({ name, pinTools, reviewedTools, server }: ServiceConfig): { readonly failed: string } | undefined {
  if (!pinTools || server.kind === "group" || reviewedTools.length > 0) return undefined;
  return {
    failed: `pinTools is set, but its tools have not been reviewed: npx gangway update --review ${name} does that`,
  };
}

/** Who is told what servers say besides answers. */
type Told = Pick<ConnectionOptions, "onToolsChanged">;

/** The server of a service in either era. */
function serversOf(config: ServiceConfig, open: Openers, told: Told, log: Logger): MakeServer {
  const { name: service, requestTimeout, startTimeout, serial, server } = config;
  const remote = server.kind !== "stdio";
  const limits = { requestTimeout, startTimeout, serial, runner: runnerOf(config), stopAfter: stopAfterOf(config) };
  const options = { service, ...limits, tentative: true, remote, ...told };
  return {
    legacy: () => createBackend(config, open.legacy, told, log),
    modern: () => modernOf(config, open.modern, options, log),
  };
}

function modernOf(config: ServiceConfig, open: OpenLink, options: SharedOptions, log: Logger): ModernServer {
  const credentialOf = credentialsFor(config);
  if (credentialOf === undefined) return new ModernServer(open, options, log);
  return new ModernForEach(open, { ...options, credentialOf, max: mostServers(config), idleTtl: config.idleTtl }, log);
}

/** With auth verify, whoever comes with another token than the service's own is served with that. */
function credentialsFor(config: ServiceConfig): CredentialOf | undefined {
  if (!config.auth.includes("verify")) return undefined;
  const own = ownSecretOf(config)?.value;
  return ({ credential }) => (credential === own ? undefined : credential);
}

/** An upstream's session costs no process here. */
const mostServers = ({ server, maxChildren, maxSessions }: ServiceConfig) =>
  server.kind === "stdio" ? maxChildren : maxSessions + 1;

/** Members at a URL are the group's own services, which nobody else reaches. */
function membersOf(config: ServiceConfig, members: readonly GroupMember[], ofGateway: OfGateway): Service[] {
  const own = {
    ...config,
    isolation: "session",
    serial: false,
    stateDir: undefined,
    tools: [],
    reviewedTools: [],
    pinTools: false,
    discovery: "all",
  } as const;
  return members.map(({ name, url, headers = {} }) =>
    url === undefined
      ? ofGateway.find!(name)
      : createService(
          { ...own, name, server: { kind: "http", url, headers } },
          { ...ofGateway, watcher: {}, operations: undefined },
        ),
  );
}

function groupOf(
  { name }: ServiceConfig,
  given: readonly GroupMember[],
  members: GroupMembers<Service>,
  { atMember, log }: OfGateway,
): GroupBackend {
  const owned = given.some(({ url }) => url !== undefined);
  return new GroupBackend({ name, members, owned, log, atMember });
}

/** Undefined when no member of a group is serial. */
function lockOf(group: string, members: readonly Service[]): GroupLock | undefined {
  const locks = new Map<string, SerialLock>();
  for (const { name, replica } of members) if (replica?.serialLock) locks.set(name, replica.serialLock);
  return locks.size === 0 ? undefined : new GroupLock(group, locks);
}

function createBackend(config: ServiceConfig, open: OpenLink, told: Told, log: Logger): Backend {
  const { name: service, requestTimeout, startTimeout, isolation, serial, revive } = config;
  const options = {
    service,
    requestTimeout,
    startTimeout,
    remote: config.server.kind !== "stdio",
    runner: runnerOf(config),
    stopAfter: stopAfterOf(config),
    ...told,
  };
  if (isolation === "shared") return new SharedBackend(open, { ...options, serial }, log);
  const of = {
    max: mostServers(config),
    warm: isProcess(config) && config.start === "now",
    credentialOf: credentialsFor(config),
  };
  return new PerSessionBackend(open, { ...options, revive, ...of }, log);
}

const isProcess = ({ server }: ServiceConfig) => server.kind === "stdio";

/** What is elsewhere runs anyway. */
const stopAfterOf = (config: ServiceConfig) => (isProcess(config) ? config.stopAfter : undefined);

const runnerOf = ({ server }: ServiceConfig) =>
  server.kind === "stdio" ? packageRunner(server.command, server.args) : undefined;

/** How the server is reached in either era. */
interface Openers {
  readonly legacy: OpenLink;
  readonly modern: OpenLink;
}

const either = (open: OpenLink): Openers => ({ legacy: open, modern: open });

/** @param own.memory where what waits for the server, and what it has half said, is counted */
function openers(
  config: ServiceConfig,
  own: { readonly inFile: boolean; readonly memory: Share },
  log: Logger,
): Openers {
  const { name: service, server, maxLine, verifySecret } = config;
  const common = { service, maxLine, memory: own.memory };
  if (server.kind === "stdio") {
    const runner = server.socket === undefined ? undefined : new Runner(server.socket);
    const sandbox = sandboxFor(config);
    const of = (credential?: string) => ({
      ...common,
      inFile: own.inFile,
      runner,
      sandbox,
      ...withVariable(server, verifySecret, credential),
    });
    return either((events, credential) => openChild(of(credential), log, events));
  }
  if (server.kind !== "http" && server.kind !== "sse") throw new Error(`${service} has no server`);
  const of = (credential?: string) => ({ ...common, ...withBearer(server, credential) });
  if (server.kind === "sse") return either((events, credential) => openSseUpstream(of(credential), log, events));
  return {
    legacy: (events, credential) => openHttpUpstream(of(credential), log, events),
    modern: (events, credential) => openModernUpstream(of(credential), log, events),
  };
}

/** A server with the caller's token in place of its own secret. */
const withVariable = <S extends { readonly env: Readonly<Record<string, string>> }>(
  server: S,
  name: string | undefined,
  credential: string | undefined,
): S =>
  name === undefined || credential === undefined ? server : { ...server, env: { ...server.env, [name]: credential } };

/** The same of a server at a URL. */
function withBearer<S extends { readonly headers: Readonly<Record<string, string>> }>(
  server: S,
  credential: string | undefined,
): S {
  if (credential === undefined) return server;
  const others = Object.entries(server.headers).filter(([name]) => !/^authorization$/i.test(name));
  return { ...server, headers: { ...Object.fromEntries(others), Authorization: `Bearer ${credential}` } };
}
