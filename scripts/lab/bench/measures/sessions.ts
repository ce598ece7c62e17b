/** How long a new session takes, and what an idle one costs. */
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "../client.ts";
import { proportionalKb, residentKb } from "../../../kit/process-figures.ts";
import { descendantsOf } from "../../../kit/processes.ts";
import { startTarget } from "../running-target.ts";
import { openSession, Session } from "../session.ts";
import { percentile } from "../statistics.ts";
import { type Cell, Errors, type Measure } from "./measure.ts";

const openEveryMs = 250;
const settleMs = 500;
const fewSessions = 1;
const manySessions = 100;
// There is one caller, and each error takes up to 10 s.
const fewErrors = 3;

/** Opens a session every 250 ms, each as a new client would: connect, initialize, first call, DELETE. */
export const sessionOpen: Measure = {
  name: "open",
  tables: [
    {
      name: "open",
      title: `session open, one every ${openEveryMs} ms`,
      columns: [
        { key: "openP50", title: "open p50 ms", digits: 1, ratio: "shown", less: true },
        { key: "openP95", title: "open p95 ms", digits: 1 },
        { key: "firstP50", title: "to first result p50 ms", digits: 1 },
        { key: "firstP95", title: "to first result p95 ms", digits: 1 },
      ],
    },
  ],
  run: async ({ port }, { seconds }) => {
    const errors = new Errors();
    const opens: Opened[] = [];
    for (let left = Math.max(4, Math.round(seconds * 8)); left > 0 && errors.count < fewErrors; left--) {
      const next = sleep(openEveryMs);
      const opened = await openOnce(port).catch((error: unknown) => errors.add(error));
      if (opened) opens.push(opened);
      await next;
    }
    return openCell(opens, errors);
  },
};

interface Opened {
  readonly openMs: number;
  readonly firstMs: number;
}

async function openOnce(port: number): Promise<Opened> {
  const connection = new Connection(port);
  try {
    const started = performance.now();
    const session = await Session.open(connection);
    const openMs = performance.now() - started;
    await session.ready(connection);
    await session.call(connection, 1, "echo", '{"text":"first"}', "first");
    const firstMs = performance.now() - started;
    await session.close(connection);
    return { openMs, firstMs };
  } finally {
    connection.close();
  }
}

function openCell(opens: readonly Opened[], errors: Errors): Cell {
  const open = opens.map(({ openMs }) => openMs);
  const first = opens.map(({ firstMs }) => firstMs);
  const percentiles = {
    openP50: percentile(open, 0.5),
    openP95: percentile(open, 0.95),
    firstP50: percentile(first, 0.5),
    firstP95: percentile(first, 0.95),
  };
  const values = opens.length === 0 ? {} : percentiles;
  return { values, calls: opens.length, errors: errors.count, firstError: errors.first };
}

/** Opens 100 sessions on a process of its own, each with one call, and leaves them idle. */
export const idleMemory: Measure = {
  name: "memory",
  tables: [
    {
      name: "memory",
      title: `idle sessions, ${fewSessions} and ${manySessions}: gateway memory`,
      columns: [
        { key: "fewMb", title: `MB at ${fewSessions}`, digits: 0 },
        { key: "manyMb", title: `MB at ${manySessions}`, digits: 0 },
        { key: "sessionKb", title: "KB per session", digits: 0, ratio: "shown", less: true },
        { key: "childrenMb", title: `children MB at ${manySessions}`, digits: 0 },
      ],
    },
  ],
  run: async ({ target }) => {
    const fresh = await startTarget(target);
    const errors = new Errors();
    const connection = new Connection(fresh.port);
    try {
      await openIdle(connection, fewSessions, errors);
      const few = residentKb(fresh.pid);
      await openIdle(connection, manySessions - fewSessions, errors);
      const found = memoryValues(few, residentKb(fresh.pid), childrenKb(fresh.pid));
      const values = errors.count === 0 ? found : {};
      return { values, calls: manySessions, errors: errors.count, firstError: errors.first };
    } finally {
      connection.close();
      await fresh.stop();
    }
  },
};

async function openIdle(connection: Connection, count: number, errors: Errors): Promise<void> {
  for (let left = count; left > 0 && errors.count < fewErrors; left--) {
    try {
      const session = await openSession(connection);
      await session.call(connection, 1, "echo", '{"text":"idle"}', "idle");
    } catch (error) {
      errors.add(error);
    }
  }
  await sleep(settleMs);
}

/** Memory of all children in KB; what they share (Node itself) is counted once. */
const childrenKb = (pid: number): number =>
  descendantsOf(pid).reduce((sum, child) => sum + (proportionalKb(child.pid) ?? 0), 0);

function memoryValues(few: number | undefined, many: number | undefined, children: number): Cell["values"] {
  if (few === undefined || many === undefined) {
    return { fewMb: null, manyMb: null, sessionKb: null, childrenMb: null };
  }
  const sessionKb = (many - few) / (manySessions - fewSessions);
  return { fewMb: few / 1024, manyMb: many / 1024, sessionKb, childrenMb: children / 1024 };
}
