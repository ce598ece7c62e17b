/** Whether a gateway held more at the end than after its warm-up. */
import type { Ending } from "./gateway.ts";
import { type Measurement, WAITING } from "./measure.ts";

/** Something that grew or went wrong. */
export interface Finding {
  readonly what: string;
  readonly from: number | string;
  readonly to: number | string;
  /** What was expected. */
  readonly most: number | string;
  /** Where to look. */
  readonly look: string;
}

export interface Metric {
  readonly what: string;
  readonly of: (measured: Measurement) => number | undefined;
  /** What it may be at the end. */
  readonly most: (before: number) => number;
  readonly look: string;
}

const MB = 1_000_000;
const grown = (percent: number, least: number) => (before: number) =>
  before + Math.max((before * percent) / 100, least);

export const metrics: readonly Metric[] = [
  {
    what: "sessions",
    of: ({ sessions }) => sessions,
    most: () => 0,
    look: "sessions/sessions.ts: the sweep of idle sessions, or what keeps one busy (open calls, attached streams)",
  },
  {
    what: "server processes",
    of: ({ processes }) => processes,
    most: () => WAITING,
    look: "bridge/pool.ts (seats that are not released), bridge/child.ts (groups that are not ended)",
  },
  {
    what: "open files",
    of: ({ files }) => files,
    most: (before) => before,
    look: "bridge/child.ts (pipes), transports/ (connections): ls -l /proc/<pid>/fd",
  },
  {
    what: "sockets",
    of: ({ sockets }) => sockets,
    most: (before) => before,
    look: "transports/exchange.ts, listen.ts: connections that are not closed; the pipes of servers are sockets, too",
  },
  {
    what: "handles",
    of: ({ handles }) => Object.values(handles).reduce((sum, count) => sum + count, 0),
    most: (before) => before,
    look: "timers that are not cleared, processes and pipes that are not let go",
  },
  {
    what: "heap after gc",
    of: ({ heap }) => heap,
    most: grown(15, 2 * MB),
    look: "the objects by class, or the largest strings in a heap snapshot",
  },
  {
    what: "buffers",
    of: ({ external }) => external,
    most: grown(15, 2 * MB),
    look: "bodies and answers that are kept: transports/body.ts, bridge/framing.ts, sessions/event-store.ts",
  },
  {
    what: "resident memory",
    of: ({ rss }) => rss,
    most: grown(30, 64 * MB),
    look: "heap and buffers first; if they are flat, the allocator holds on to what large answers needed",
  },
];

/** What grew between two measurements. */
export function judgeGrowth(before: Measurement, after: Measurement): Finding[] {
  const found = metrics.flatMap(({ what, of, most, look }) => {
    const [from, to] = [of(before), of(after)];
    if (from === undefined || to === undefined || to <= most(from)) return [];
    return [{ what, from, to, most: Math.round(most(from)), look }];
  });
  const classes = grownClasses(before.objects, after.objects);
  if (classes.length === 0) return found;
  const look = "the first of them that is the gateway's own, and what refers to it in a heap snapshot";
  return [...found, { what: "objects by class", from: "", to: classes.join(", "), most: "10 % more", look }];
}

/** A class that is kept once for each session or call soon grows by more; pools, such as that of HTTP parsers, hardly. */
const mostObjects = grown(10, 30);
/** With what it holds, what is kept brings many classes along. */
const MOST_CLASSES = 12;

/** The classes that have grown, the one that has grown most times over first. */
function grownClasses(before: Measurement["objects"], after: Measurement["objects"]): string[] {
  const was = (name: string) => before[name] ?? 0;
  const is = (name: string) => after[name] ?? 0;
  const times = (name: string) => (is(name) + 1) / (was(name) + 1);
  return Object.keys(after)
    .filter((name) => is(name) > mostObjects(was(name)))
    .toSorted((one, other) => times(other) - times(one))
    .slice(0, MOST_CLASSES)
    .map((name) => `${name} ${was(name)} -> ${is(name)}`);
}

/** How long an idle gateway may take to end. */
const STOP_TIME = 10_000;

export function judgeEnd({ code, ms, left }: Ending, complaints: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const note = (what: string, to: number | string, most: number | string, look: string) =>
    findings.push({ what, from: "", to, most, look });
  if (code !== 0) note("exit code on SIGTERM", code, 0, "main.ts: stopOnSignal");
  if (ms > STOP_TIME) note("ms from SIGTERM to the end", ms, STOP_TIME, "calls that count as open: Service.openCalls");
  if (left.length > 0) note("processes left behind", left.join(", "), "none", "bridge/child.ts: the end of a group");
  if (complaints.length > 0) note("errors in its log", complaints.length, "none", complaints[0] as string);
  return findings;
}
