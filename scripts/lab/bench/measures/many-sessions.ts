/**
 * As many idle sessions as the default limit allows, and callers among them: do idle sessions cost the others anything?
 */
import { Connection } from "../client.ts";
import { type RunningTarget, startTarget } from "../running-target.ts";
import { openSession, type Session } from "../session.ts";
import { percentile } from "../statistics.ts";
import { Callers, echo, type Timed } from "./callers.ts";
import { type Cell, Errors, type Measure } from "./measure.ts";

const allSessions = 1_000;
const crowd = { callers: 32, sessions: 8, open: openSession };
const idleSessions = allSessions - crowd.sessions;
const openers = 8;
/** A process that has just started gets faster by itself for a while. */
const warmUpSeconds = 2;

interface Phases {
  readonly alone: Timed[];
  readonly among: Timed[];
}

/** The same callers on the same process, without and with all idle sessions in turn. */
export const manySessions: Measure = {
  name: "many",
  tables: [
    {
      name: "many",
      title: `${idleSessions} idle sessions, ${crowd.callers} callers in ${crowd.sessions} more`,
      columns: [
        { key: "alonePerSecond", title: "req/s without", digits: 0 },
        { key: "amongPerSecond", title: "req/s with", digits: 0, ratio: "shown" },
        { key: "amongOfAlone", title: "with : without", digits: 2, glance: true },
        { key: "aloneP99", title: "p99 ms without", digits: 2 },
        { key: "amongP99", title: "p99 ms with", digits: 2 },
      ],
    },
  ],
  // A thousand processes would tell nothing about the gateway.
  serves: ({ isolation }) => isolation === "shared",
  run: async ({ target }, { seconds }) => {
    const fresh = await startTarget(target);
    try {
      return await inTurn(fresh, seconds / 2);
    } finally {
      await fresh.stop();
    }
  },
};

/** Without, with, with, without: what the process gains or loses over time cancels out. */
async function inTurn({ port }: RunningTarget, seconds: number): Promise<Cell> {
  const errors = new Errors();
  const phases: Phases = { alone: [], among: [] };
  const callers = await Callers.open(port, crowd, errors);
  await callers.during(Math.max(warmUpSeconds, seconds), echo);
  phases.alone.push(await callers.during(seconds, echo));
  const idle = await openIdle(port, errors);
  phases.among.push(await callers.during(seconds, echo), await callers.during(seconds, echo));
  await closeIdle(idle, errors);
  phases.alone.push(await callers.during(seconds, echo));
  await callers.close();
  return cell(phases, errors);
}

type Idle = readonly { readonly connection: Connection; readonly sessions: Session[] }[];

/** Opens them over a few connections, and makes one call in each, so that it has been used. */
async function openIdle(port: number, errors: Errors): Promise<Idle> {
  const idle = Array.from({ length: openers }, () => ({ connection: new Connection(port), sessions: [] as Session[] }));
  const openSome = async ({ connection, sessions }: Idle[number]) => {
    while (sessions.length < idleSessions / openers) {
      const session = await openSession(connection);
      sessions.push(session);
      await session.call(connection, 1, "echo", '{"text":"idle"}', "idle");
    }
  };
  await Promise.all(idle.map((some) => openSome(some).catch((error: unknown) => errors.add(error))));
  return idle;
}

async function closeIdle(idle: Idle, errors: Errors): Promise<void> {
  const closeSome = async ({ connection, sessions }: Idle[number]) => {
    for (const session of sessions) await session.close(connection).catch((error: unknown) => errors.add(error));
    connection.close();
  };
  await Promise.all(idle.map(closeSome));
}

function cell({ alone, among }: Phases, errors: Errors): Cell {
  const [without, withIdle] = [summed(alone), summed(among)];
  const found = {
    alonePerSecond: without.perSecond,
    amongPerSecond: withIdle.perSecond,
    amongOfAlone: withIdle.perSecond / without.perSecond,
    aloneP99: without.p99,
    amongP99: withIdle.p99,
  };
  // With a session missing it would be another measure.
  const values = errors.count === 0 ? found : {};
  return { values, calls: without.calls + withIdle.calls, errors: errors.count, firstError: errors.first };
}

function summed(phases: readonly Timed[]): { perSecond: number; p99: number; calls: number } {
  const latencies = phases.flatMap((phase) => phase.latencies);
  const elapsedMs = phases.reduce((sum, phase) => sum + phase.elapsedMs, 0);
  return {
    perSecond: (latencies.length / elapsedMs) * 1000,
    p99: percentile(latencies, 0.99),
    calls: latencies.length,
  };
}
