/** The same service by itself and as a member of a group: what does the group cost a call? And what do its tools cost a model? */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cpuTimes } from "../cpu.ts";
import { Connection } from "../client.ts";
import { resultWithId } from "../reply-message.ts";
import { type RunningTarget, startTarget } from "../running-target.ts";
import { openSession } from "../session.ts";
import { echoServer, gatewayProgram, outputFolder, type Target } from "../targets.ts";
import { Callers, echoAs, type Timed } from "./callers.ts";
import { type Cell, Errors, type Measure } from "./measure.ts";

const manyTools = 200;
/** A process that has just started gets faster by itself for a while. */
const warmUpSeconds = 2;

/** One process has the service at /echo/mcp, and in a group at /mcp. */
export const group: Measure = {
  name: "group",
  tables: [
    {
      name: "group",
      title: "tools/call through a group, 16 callers, 8 sessions",
      columns: [
        { key: "alonePerSecond", title: "req/s direct", digits: 0 },
        { key: "groupPerSecond", title: "req/s group", digits: 0 },
        { key: "timeRatio", title: "time, group : direct", digits: 2, glance: true, less: true },
        { key: "aloneCpuUs", title: "CPU us direct", digits: 1 },
        { key: "groupCpuUs", title: "CPU us group", digits: 1 },
        { key: "cpuRatio", title: "CPU, group : direct", digits: 2, glance: true, less: true },
      ],
    },
    {
      name: "discovery",
      title: `tools/list of ${manyTools} tools in a group`,
      columns: [
        { key: "allBytes", title: "bytes", digits: 0, glance: true, less: true },
        { key: "searchBytes", title: 'bytes with discovery "search"', digits: 0, glance: true, less: true },
      ],
    },
  ],
  serves: ({ kind }) => kind === "ours",
  run: async ({ target }, { seconds }) => {
    const fresh = await startTarget(hub(target.isolation));
    try {
      const lists = {
        allBytes: await bytesOfList(fresh, "/all/mcp"),
        searchBytes: await bytesOfList(fresh, "/few/mcp"),
      };
      const cell = await inTurn(fresh, seconds / 2);
      return { ...cell, values: { ...cell.values, ...lists } };
    } finally {
      await fresh.stop();
    }
  },
};

/** A hub whose own group has two services, of which one has many tools. */
const hub = (isolation: Target["isolation"]): Target => ({
  name: `gangway hub ${isolation}`,
  kind: "ours",
  isolation,
  echo: "echo_echo",
  arguments: (port) => [gatewayProgram, "--config", writeConfig(isolation), "--port", String(port)],
});

const server = (...args: readonly string[]) => ({ command: process.execPath, args: [echoServer, ...args] });

function writeConfig(isolation: Target["isolation"]): string {
  const file = join(outputFolder, "bench", `hub-${isolation}.json`);
  const mcpServers = {
    echo: server(),
    many: server(String(manyTools)),
    all: { group: ["many"] },
    few: { group: ["many"], discovery: "search" },
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ isolation, exemptLoopback: true, mcpServers }));
  return file;
}

/** Direct, group, group, direct: what the process gains or loses over time cancels out. */
async function inTurn(running: RunningTarget, seconds: number): Promise<Cell> {
  const errors = new Errors();
  const [alone, through] = [await open(running, "/echo/mcp", errors), await open(running, "/mcp", errors)];
  const [direct, grouped] = [phase(running, alone, "echo"), phase(running, through, "echo_echo")];
  for (const warmUp of [direct, grouped]) await warmUp(Math.max(warmUpSeconds, seconds));
  const phases = [
    await direct(seconds),
    await grouped(seconds),
    await grouped(seconds),
    await direct(seconds),
  ] as const;
  for (const callers of [alone, through]) await callers.close();
  const [one, other] = [summed(phases[0], phases[3]), summed(phases[1], phases[2])];
  const found = {
    alonePerSecond: one.perSecond,
    groupPerSecond: other.perSecond,
    timeRatio: one.perSecond / other.perSecond,
    aloneCpuUs: one.cpuUs,
    groupCpuUs: other.cpuUs,
    cpuRatio: one.cpuUs === null || other.cpuUs === null ? null : other.cpuUs / one.cpuUs,
  };
  const values = errors.count === 0 ? found : {};
  return { values, calls: one.calls + other.calls, errors: errors.count, firstError: errors.first };
}

const open = ({ port }: RunningTarget, path: string, errors: Errors) =>
  Callers.open(port, { callers: 16, sessions: 8, open: (connection) => openSession(connection, path) }, errors);

interface Phase extends Timed {
  /** Of the gateway, for all calls; undefined where this machine cannot tell it. */
  readonly cpuUs: number | undefined;
}

const phase =
  ({ pid }: RunningTarget, callers: Callers, tool: string) =>
  async (seconds: number): Promise<Phase> => {
    const before = cpuTimes(pid);
    const timed = await callers.during(seconds, echoAs(tool));
    const after = cpuTimes(pid);
    return { ...timed, cpuUs: before && after && after.gateway - before.gateway };
  };

function summed(...phases: readonly Phase[]): { perSecond: number; cpuUs: number | null; calls: number } {
  const calls = phases.reduce((sum, { latencies }) => sum + latencies.length, 0);
  const elapsedMs = phases.reduce((sum, phase) => sum + phase.elapsedMs, 0);
  const cpuUs = phases.reduce((sum, phase) => sum + (phase.cpuUs ?? Number.NaN), 0) / calls;
  return { perSecond: (calls / elapsedMs) * 1000, cpuUs: Number.isNaN(cpuUs) ? null : cpuUs, calls };
}

/** The size of the list of tools that a model reads. */
async function bytesOfList({ port }: RunningTarget, path: string): Promise<number> {
  const connection = new Connection(port);
  try {
    const session = await openSession(connection, path);
    const result = resultWithId(await session.request(connection, 1, "tools/list", "{}"), 1);
    return JSON.stringify(result["tools"]).length;
  } finally {
    connection.close();
  }
}
