/** Calls as fast as the target answers them: req/s, latency, CPU per call. */
import { openModern } from "../modern.ts";
import { type CpuTimes, cpuTimes } from "../cpu.ts";
import { openSession } from "../session.ts";
import { percentile } from "../statistics.ts";
import { type Call, Callers, type Crowd, echo, type Timed } from "./callers.ts";
import { type Cell, type Column, Errors, type Measure } from "./measure.ts";

interface Load extends Crowd {
  readonly name: string;
  readonly title: string;
  readonly call: Call;
}

const megabyte = "x".repeat(1_000_000);
const big: Call = (callee, connection, id) =>
  callee.call(connection, id, "big", `{"bytes":${megabyte.length}}`, megabyte);

const legacy = { open: openSession, call: echo };
const modern = { open: openModern, call: echo };

const columns: readonly Column[] = [
  { key: "perSecond", title: "req/s", digits: 0, ratio: "shown" },
  { key: "p50", title: "p50 ms", digits: 2 },
  { key: "p99", title: "p99 ms", digits: 2 },
  { key: "gatewayCpuUs", title: "CPU us", digits: 0, ratio: "kept", less: true },
  { key: "childrenCpuUs", title: "children us", digits: 0 },
  { key: "clientCpuUs", title: "client us", digits: 0 },
  { key: "otherCpuShare", title: "other %", digits: 0 },
];

export const loads: readonly Measure[] = [
  load({ ...legacy, name: "echo16", title: "tools/call, 16 callers, 8 sessions", callers: 16, sessions: 8 }),
  load({ ...legacy, name: "echo1", title: "tools/call, 1 caller, 1 session", callers: 1, sessions: 1 }),
  load({ ...legacy, name: "big", title: "1 MB replies, 4 callers, 4 sessions", callers: 4, sessions: 4, call: big }),
  load({ ...modern, name: "modern16", title: "MCP 2026-07-28, tools/call, 16 callers", callers: 16, sessions: 1 }),
  load({ ...modern, name: "modern1", title: "MCP 2026-07-28, tools/call, 1 caller", callers: 1, sessions: 1 }),
];

function load(shape: Load): Measure {
  return {
    name: shape.name,
    tables: [{ name: shape.name, title: shape.title, columns }],
    run: async ({ port, pid }, { seconds }) => {
      const errors = new Errors();
      const callers = await Callers.open(port, shape, errors);
      await callers.during(seconds / 4, shape.call); // warms up both sides
      const cpuBefore = cpuTimes(pid);
      const timed = await callers.during(seconds, shape.call);
      const cpu = cpuPerCall(cpuBefore, cpuTimes(pid), timed.latencies.length);
      await callers.close();
      return cell(timed, cpu, errors);
    },
  };
}

function cell({ latencies, perSecond }: Timed, cpu: Cell["values"], errors: Errors): Cell {
  const found = { perSecond, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), ...cpu };
  const values = errors.tooMany ? {} : found;
  return { values, calls: latencies.length, errors: errors.count, firstError: errors.first };
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
