/** The tables of `gangway status`. */
import { ALL } from "../kit/maintenance.ts";
import { type Cell, renderTable, right } from "../kit/table.ts";
import type { DeploymentState, ServiceState } from "./deployment.ts";
import type { Started } from "./started.ts";

/** What `gangway start` runs. */
export function startTable({ services }: Pick<Started, "services">, now = new Date()): string[] {
  const head = cells(["service", "state"], ["since", "tools", "sessions", "calls/h", "restarts"], ["url", "why"]);
  const rows = services.map(({ name, state, tools, since, sessions, calls, restarts, url, needs, error }) =>
    cells(
      [name, state],
      [ago(since, now), tools, sessions, calls, restarts],
      [url, needs === null || needs === undefined ? (error ?? "") : `needs ${needs}`],
    ),
  );
  return renderTable([head, ...rows]);
}

/** What is deployed. */
export function deploymentTable({ services }: Pick<DeploymentState, "services">, now = new Date()): string[] {
  const hasCertificates = services.some(({ certificateUntil }) => certificateUntil !== undefined);
  const head = cells(
    ["service", "state", "release"],
    ["since", "sessions", "calls/h", "memory", "restarts", ...(hasCertificates ? ["certificate"] : [])],
    ["url"],
  );
  const rows = services.map((service) => {
    const { name, since, sessions, calls, memory, restarts, certificateUntil, url = "" } = service;
    const figures = [ago(since, now), sessions, calls, memory && megabytes(memory), restarts];
    const certificate = hasCertificates ? [certificateUntil && left(certificateUntil, now)] : [];
    return cells([name, stateText(service), releaseText(service)], [...figures, ...certificate], [url]);
  });
  return renderTable([head, ...rows]);
}

/** The proxy, the connector and what else serves all of them, in a line; and the tunnel in another. */
export function otherLines({ others, isTunnelConnected, maintenance }: DeploymentState): string[] {
  const running = others.filter(({ isRunning }) => isRunning).map(({ name }) => name);
  const stopped = others.filter(({ isRunning }) => !isRunning).map(({ name }) => name);
  return [
    ...(running.length > 0 ? [`Beside them run ${running.join(", ")}.`] : []),
    ...(stopped.length > 0
      ? [`${stopped.join(", ")} should run, and does not: docker start ${stopped.join(" ")}`]
      : []),
    ...(isTunnelConnected === undefined ? [] : [`The tunnel is ${isTunnelConnected ? "" : "not "}connected.`]),
    ...maintenance.map(
      ({ of, since, message }) =>
        `Maintenance is on for ${of === ALL ? "all services" : of} since ${since}${message === undefined ? "" : ` (${message})`}: npx gangway maintenance off`,
    ),
  ];
}

function stateText({ state, why, isInMaintenance }: ServiceState): string {
  const words = state === "needs" ? `needs ${why}` : why === undefined ? state : `${state}: ${why}`;
  return isInMaintenance ? `${words}, maintenance` : words;
}

/** The first digits of each digest; of an app its image. */
function releaseText({ release = {}, isPinned, wasOutOfMemory }: ServiceState): string {
  const short = Object.values(release).map((digest) => (/^[0-9a-f]{16}$/.test(digest) ? digest.slice(0, 8) : digest));
  return [short.join("+"), isPinned ? "pinned" : "", wasOutOfMemory ? "ran out of memory" : ""]
    .filter(Boolean)
    .join(", ");
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MB`;

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** "3 d", "2 h": how long ago that was. */
function ago(time: string | undefined, now: Date): string {
  if (time === undefined) return "";
  const seconds = Math.max(0, Math.floor((now.getTime() - new Date(time).getTime()) / 1_000));
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function left(time: string, now: Date): string {
  const days = Math.floor((new Date(time).getTime() - now.getTime()) / 86_400_000);
  return days < 0 ? "expired" : `${days} d left`;
}

type Shown = string | number | null | undefined;

const text = (value: Shown) => (value === null || value === undefined ? "" : String(value));

/** Words, figures, and words again. */
const cells = (words: readonly Shown[], figures: readonly Shown[], more: readonly Shown[]): Cell[] => [
  ...words.map((value) => ({ text: text(value) })),
  ...figures.map((value) => right(text(value))),
  ...more.map((value) => ({ text: text(value) })),
];
