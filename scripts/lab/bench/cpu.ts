/** The CPU time of everything that takes part in a measure. Linux only; elsewhere undefined. */
import { cpuUs, TICK_US } from "../../kit/process-figures.ts";
import { descendantsOf, readProc } from "../../kit/processes.ts";

/** CPU time, in microseconds, used so far. */
export interface CpuTimes {
  readonly gateway: number;
  readonly children: number;
  readonly client: number;
  readonly machineBusy: number;
  readonly machineTotal: number;
}

/** @param pid of the gateway */
export function cpuTimes(pid: number): CpuTimes | undefined {
  const gateway = cpuUs(pid);
  const machine = readProc("stat")?.split("\n")[0]?.trim().split(/ +/).slice(1, 9).map(Number);
  if (gateway === undefined || machine === undefined) return undefined;
  const client = process.cpuUsage();
  const total = machine.reduce((sum, ticks) => sum + ticks, 0);
  return {
    gateway,
    children: descendantsOf(pid).reduce((sum, child) => sum + (cpuUs(child.pid) ?? 0), 0),
    client: client.user + client.system,
    machineBusy: (total - (machine[3] ?? 0) - (machine[4] ?? 0)) * TICK_US,
    machineTotal: total * TICK_US,
  };
}
