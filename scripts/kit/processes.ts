// What the kernel knows of processes: CPU time, memory, children. Linux only; elsewhere everything is null or empty.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

// Linux reports CPU time in ticks of 10 ms on every platform that Node runs on (USER_HZ).
const tickUs = 10_000;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuUs: number;
  /** Tells a process from a later one with the same pid. */
  readonly startedAt: string;
}

/** CPU time, in microseconds, used so far. */
export interface CpuTimes {
  readonly gateway: number;
  readonly children: number;
  readonly client: number;
  readonly machineBusy: number;
  readonly machineTotal: number;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined; // the process ended meanwhile, or this is not Linux
  }
}

function stat(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`);
  // The name, in parentheses, may contain spaces; the fields are counted from behind it.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined) return undefined;
  const cpuUs = (Number(fields[11]) + Number(fields[12])) * tickUs;
  return { pid, parent: Number(fields[1]), cpuUs, startedAt: fields[19] ?? "" };
}

/** All living children of a process, and theirs. */
export function descendants(pid: number): Stat[] {
  if (process.platform !== "linux") return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const all = pids.map((name) => stat(Number(name))).filter((found) => found !== undefined);
  const below = (parent: number): Stat[] =>
    all.filter((found) => found.parent === parent).flatMap((found) => [found, ...below(found.pid)]);
  return below(pid);
}

/** Whether it still runs, and is not a later process with the same pid. */
export const isAlive = (known: Stat): boolean => stat(known.pid)?.startedAt === known.startedAt;

export function cpuTimes(pid: number): CpuTimes | undefined {
  const gateway = stat(pid);
  const machine = read("/proc/stat")?.split("\n")[0]?.trim().split(/ +/).slice(1, 9).map(Number);
  if (gateway === undefined || machine === undefined) return undefined;
  const client = process.cpuUsage();
  const total = machine.reduce((sum, ticks) => sum + ticks, 0);
  return {
    gateway: gateway.cpuUs,
    children: descendants(pid).reduce((sum, child) => sum + child.cpuUs, 0),
    client: client.user + client.system,
    machineBusy: (total - (machine[3] ?? 0) - (machine[4] ?? 0)) * tickUs,
    machineTotal: total * tickUs,
  };
}

/** Resident memory of one process, in KB. */
export function residentKb(pid: number): number | null {
  const kb = /VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kb === undefined ? null : Number(kb);
}

/** Memory of all children in KB; what they share (Node itself) is counted once (PSS). */
export function childrenKb(pid: number): number | null {
  if (process.platform !== "linux") return null;
  return descendants(pid).reduce((sum, child) => sum + pssKb(child), 0);
}

const pssKb = ({ pid }: Stat) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "")?.[1] ?? 0);

/** Lets the next `peakKb` count from now (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // not Linux, or not allowed: the peak is that of the whole life of the process
  }
}

/** The most resident memory that the process has had, in KB. */
export function peakKb(pid: number): number | null {
  const kb = /VmHWM:\s+(\d+)/.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kb === undefined ? null : Number(kb);
}
