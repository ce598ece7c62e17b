/** What the kernel tells about one process: CPU time, memory, open files. Linux only; elsewhere undefined. */
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { hasProc, readProc, statFields } from "./processes.ts";

/** Linux reports CPU time in ticks of 10 ms on every platform that Node runs on (USER_HZ). */
export const TICK_US = 10_000;

/** The CPU time used so far, in microseconds. */
export function cpuUs(pid: number): number | undefined {
  const fields = statFields(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** Resident memory, in KB. */
export const residentKb = (pid: number): number | undefined => kbIn(`${pid}/status`, "VmRSS");

/** The most resident memory so far, or since `forgetPeak`, in KB. */
export const peakKb = (pid: number): number | undefined => kbIn(`${pid}/status`, "VmHWM");

/** Memory in KB, where what several processes share is divided among them (PSS). */
export const proportionalKb = (pid: number): number | undefined => kbIn(`${pid}/smaps_rollup`, "Pss");

/** Restarts the count of `peakKb` (proc(5), clear_refs). Without the right to, the peak is that of its whole life. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // not Linux, or not allowed
  }
}

/** How many files it has open, and how many of them are sockets. */
export function openFiles(pid: number): { readonly all: number; readonly sockets: number } | undefined {
  if (!hasProc) return undefined;
  const targets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => targetOf(`/proc/${pid}/fd/${fd}`) ?? []);
  return { all: targets.length, sockets: targets.filter((name) => name.startsWith("socket:")).length };
}

function kbIn(file: string, field: string): number | undefined {
  const kb = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readProc(file) ?? "")?.[1];
  return kb === undefined ? undefined : Number(kb);
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // closed meanwhile
  }
}
