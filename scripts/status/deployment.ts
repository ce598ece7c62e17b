/** What runs of a deployment: the document of `gangway status --json`. */
import type { Deployed } from "../../stacks/deployed.ts";
import type { Pin } from "../../stacks/images/pins.ts";
import type { Deployment } from "../kit/deployment.ts";
import { ALL, type Maintenance, readMaintenance } from "../kit/maintenance.ts";
import { eachOf } from "../kit/progress.ts";
import { askGateway, certificatesOf, type GatewayFigures, memoryOf, tunnelOf } from "./figures.ts";
import { type Inspected, inspectAll } from "./inspected.ts";

/** One service. */
export interface ServiceState {
  readonly name: string;
  readonly state: "ready" | "not ready" | "stopped" | "needs" | "not deployed";
  /** Why it is not ready, or what it needs. */
  readonly why?: string | undefined;
  /** @default - it has no public name */
  readonly url?: string | undefined;
  /** ISO 8601: when the container that serves was started. */
  readonly since?: string | undefined;
  /** The digests of what its images are built from, by part; of an app its image. */
  readonly release?: Readonly<Record<string, string>>;
  /** Its containers, by their names. There are more while a release takes over. */
  readonly containers?: readonly string[];
  /** Whether it is held at an earlier release. */
  readonly isPinned?: boolean;
  readonly sessions?: number | undefined;
  /** Calls of tools in the last hour. */
  readonly calls?: number | undefined;
  /** Bytes of all its containers. */
  readonly memory?: number | undefined;
  /** How often a container, or the server in it, was started again. */
  readonly restarts?: number;
  /** Whether one was ended for lack of memory. */
  readonly wasOutOfMemory?: boolean;
  /** ISO 8601: when its certificate ends. @default - it has none here */
  readonly certificateUntil?: string | undefined;
  /** Whether callers are told of maintenance instead. */
  readonly isInMaintenance?: boolean;
}

/** A deployment. */
export interface DeploymentState {
  readonly environment: string;
  readonly where: string;
  readonly services: readonly ServiceState[];
  /** What serves all of them and should run, each with what it is. */
  readonly others: readonly { readonly name: string; readonly part: string; readonly isRunning: boolean }[];
  /** @default - there is none, or its connector cannot say */
  readonly isTunnelConnected?: boolean | undefined;
  readonly maintenance: readonly Maintenance[];
}

/** What the project knows of a deployment. */
export interface Known {
  /** Its MCP services, also those that are left out. */
  readonly services: readonly Deployed[];
  readonly pins: Readonly<Record<string, Pin>>;
}

/** How many gateways are asked at once: each asking is a process on the engine's machine. */
const AT_ONCE = 6;

/** Asks an engine, and the gateways on it. @throws Error when it does not answer */
export async function stateOf(deployment: Deployment, known: Known): Promise<DeploymentState> {
  const { ask, environment, where } = deployment;
  const containers = await inspectAll(deployment);
  const proxy = containers.find(({ part, isRunning }) => part === "proxy" && isRunning);
  const gateways = new Map<Inspected, GatewayFigures>();
  const [memory, certificates, isTunnelConnected, maintenance] = await Promise.all([
    memoryOf(containers, ask),
    certificatesOf(containers, ask),
    tunnelOf(containers, ask),
    proxy === undefined ? [] : readMaintenance(proxy.id, ask),
    eachOf(
      containers.filter(({ part, isRunning }) => part === "gateway" && isRunning),
      AT_ONCE,
      async (one) => void gateways.set(one, await askGateway(one, ask)),
    ),
  ]);
  const seen: Seen = { gateways, memory, certificates, maintenance };
  const deployed = [...new Set(containers.flatMap(({ service }) => service || []))].toSorted();
  const left = known.services.filter(({ name }) => !deployed.includes(name));
  return {
    environment,
    where,
    services: [...deployed.map((name) => serviceState(name, containers, known, seen)), ...left.map(leftOut)],
    others: containers
      .filter(({ service, part, isKept }) => service === "" && isKept && part !== "port")
      .map(({ name, part, isRunning }) => ({ name, part, isRunning })),
    isTunnelConnected,
    maintenance,
  };
}

/** What was found out, by container or host. */
interface Seen {
  readonly gateways: ReadonlyMap<Inspected, GatewayFigures>;
  readonly memory: ReadonlyMap<string, number>;
  readonly certificates: ReadonlyMap<string, string>;
  readonly maintenance: readonly Maintenance[];
}

function serviceState(name: string, all: readonly Inspected[], { services, pins }: Known, seen: Seen): ServiceState {
  const containers = all.filter(({ service }) => service === name);
  const first = newest(containers.filter(({ part }) => SERVING.has(part))) ?? newest(containers)!;
  const figures = containers.flatMap((one) => seen.gateways.get(one) ?? []);
  const own = seen.gateways.get(first);
  return {
    name,
    ...stateOfOne(first, own),
    url: services.find((one) => one.name === name)?.url,
    since: first.startedAt,
    release: releaseOf(first, containers),
    containers: containers.map((one) => one.name),
    isPinned: pins[name] !== undefined,
    sessions: figures.length === 0 ? undefined : sum(figures.map(({ sessions }) => sessions)),
    calls: figures.length === 0 ? undefined : sum(figures.map(({ calls }) => calls)),
    memory: sum(containers.map(({ id }) => seen.memory.get(id))),
    restarts: sum([...containers, ...figures].map(({ restarts }) => restarts)),
    wasOutOfMemory: containers.some((one) => one.wasOutOfMemory),
    certificateUntil: first.hosts.flatMap((host) => seen.certificates.get(host) ?? []).toSorted()[0],
    isInMaintenance: seen.maintenance.some(({ of }) => of === ALL || first.hosts.includes(of)),
  };
}

const sum = (numbers: readonly (number | undefined)[]) => numbers.reduce<number>((all, one) => all + (one ?? 0), 0);

/** What callers reach of a service. */
const SERVING: ReadonlySet<string> = new Set(["gateway", "app", "auth"]);

const newest = (containers: readonly Inspected[]): Inspected | undefined =>
  containers.toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1))[0];

function stateOfOne(
  { isRunning, exitCode, health }: Inspected,
  gateway: GatewayFigures | undefined,
): Pick<ServiceState, "state" | "why"> {
  if (!isRunning) return { state: "stopped", why: `exit code ${exitCode}` };
  if (gateway !== undefined) return gateway.isReady ? { state: "ready" } : { state: "not ready", why: gateway.why };
  return health === undefined || health === "healthy" ? { state: "ready" } : { state: "not ready", why: health };
}

/** That of the newest container of each part. */
function releaseOf(first: Inspected, containers: readonly Inspected[]): Record<string, string> {
  if (first.release === "") return { [first.part]: first.image };
  const server = newest(containers.filter(({ part }) => part === "server"));
  return { [first.part]: first.release, ...(server !== undefined && { server: server.release }) };
}

const leftOut = ({ name, url, state, needs }: Deployed): ServiceState =>
  state === "needs" ? { name, url, state, why: needs } : { name, url, state: "not deployed" };
