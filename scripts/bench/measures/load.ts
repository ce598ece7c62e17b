// Calls as fast as the target answers them: req/s, latency, CPU per call.
import { Connection } from "../client.ts";
import { type CpuTimes, cpuTimes } from "../processes.ts";
import { Session } from "../session.ts";
import { percentile } from "../statistics.ts";
import { type Cell, Errors, type Measure } from "./measure.ts";

interface Load {
  readonly name: string;
  readonly title: string;
  readonly callers: number;
  readonly sessions: number;
  call(session: Session, connection: Connection, id: number): Promise<void>;
}

interface Caller {
  readonly session: Session;
  readonly connection: Connection;
  nextId: number;
}

const megabyte = "x".repeat(1_000_000);

const echo = (session: Session, connection: Connection, id: number) =>
  session.call(connection, id, "echo", `{"text":"text of ${id}"}`, `text of ${id}`);
const big = (session: Session, connection: Connection, id: number) =>
  session.call(connection, id, "big", `{"bytes":${megabyte.length}}`, megabyte);

export const loads: readonly Measure[] = [
  load({ name: "echo1", title: "echo, 1 caller, 1 session", callers: 1, sessions: 1, call: echo }),
  load({ name: "echo16", title: "echo, 16 callers, 8 sessions", callers: 16, sessions: 8, call: echo }),
  load({ name: "big", title: "1 MB replies, 4 callers, 4 sessions", callers: 4, sessions: 4, call: big }),
];

function load(shape: Load): Measure {
  return {
    name: shape.name,
    title: shape.title,
    columns: [
      { key: "perSecond", title: "req/s", digits: 0 },
      { key: "p50", title: "p50 ms", digits: 2 },
      { key: "p99", title: "p99 ms", digits: 2 },
      { key: "gatewayCpuUs", title: "CPU us", digits: 0 },
      { key: "childrenCpuUs", title: "children us", digits: 0 },
      { key: "clientCpuUs", title: "client us", digits: 0 },
      { key: "otherCpuShare", title: "other %", digits: 0 },
    ],
    ratioOf: "perSecond",
    run: async ({ port, pid }, seconds) => {
      const errors = new Errors();
      const callers = await openCallers(shape, port);
      await callAll(shape, callers, seconds / 4, errors); // warms up both sides
      const cpuBefore = cpuTimes(pid);
      const started = performance.now();
      const latencies = await callAll(shape, callers, seconds, errors);
      const elapsedMs = performance.now() - started;
      const cpu = cpuPerCall(cpuBefore, cpuTimes(pid), latencies.length);
      await closeCallers(callers, errors);
      return cell(latencies, elapsedMs, cpu, errors);
    },
  };
}

const cell = (latencies: number[], elapsedMs: number, cpu: Cell["values"], errors: Errors): Cell => ({
  values: errors.tooMany
    ? {}
    : {
        perSecond: (latencies.length / elapsedMs) * 1000,
        p50: percentile(latencies, 0.5),
        p99: percentile(latencies, 0.99),
        ...cpu,
      },
  calls: latencies.length,
  errors: errors.count,
  firstError: errors.first,
});

async function openCallers(shape: Load, port: number): Promise<Caller[]> {
  const sessions: Session[] = [];
  const callers: Caller[] = [];
  for (let index = 0; index < shape.callers; index++) {
    const connection = new Connection(port);
    const session = sessions[index % shape.sessions] ?? (await openSession(connection));
    sessions.push(session);
    // Ids of its own, because two callers share a session.
    callers.push({ session, connection, nextId: (index + 1) * 100_000_000 });
  }
  return callers;
}

async function openSession(connection: Connection): Promise<Session> {
  const session = await Session.open(connection);
  await session.ready(connection);
  return session;
}

async function callAll(shape: Load, callers: Caller[], seconds: number, errors: Errors): Promise<number[]> {
  const latencies: number[] = [];
  const until = performance.now() + seconds * 1000;
  await Promise.all(callers.map((caller) => callUntil(until, shape, caller, latencies, errors)));
  return latencies;
}

async function callUntil(
  until: number,
  shape: Load,
  caller: Caller,
  latencies: number[],
  errors: Errors,
): Promise<void> {
  for (let now = performance.now(); now < until && !errors.tooMany;) {
    const started = now;
    const failed = await shape.call(caller.session, caller.connection, caller.nextId++).catch((error: unknown) => {
      errors.add(error);
      return true;
    });
    now = performance.now();
    if (failed !== true) latencies.push(now - started);
  }
}

async function closeCallers(callers: Caller[], errors: Errors): Promise<void> {
  const owners = new Map(callers.map(({ session, connection }) => [session, connection]));
  for (const [session, connection] of owners)
    await session.close(connection).catch((error: unknown) => errors.add(error));
  for (const { connection } of callers) connection.close();
}

function cpuPerCall(before: CpuTimes | undefined, after: CpuTimes | undefined, calls: number): Cell["values"] {
  if (before === undefined || after === undefined || calls === 0) {
    return { gatewayCpuUs: null, childrenCpuUs: null, clientCpuUs: null, otherCpuShare: null };
  }
  const spent = (key: keyof CpuTimes) => after[key] - before[key];
  const known = spent("gateway") + spent("children") + spent("client");
  return {
    gatewayCpuUs: spent("gateway") / calls,
    childrenCpuUs: spent("children") / calls,
    clientCpuUs: spent("client") / calls,
    // Ticks are coarse: never below 0.
    otherCpuShare: (Math.max(0, spent("machineBusy") - known) / spent("machineTotal")) * 100,
  };
}
