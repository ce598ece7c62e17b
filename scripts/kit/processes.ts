/** The processes of this machine: which there are, which started which, and ending a whole tree of them. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { waitUntil } from "./wait.ts";

/** A living process. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its command line. */
  readonly args: string;
  /** Distinguishes it from a later process with the same pid; "" where there is no /proc. */
  readonly startedAt: string;
}

/** Whether the kernel shows its processes as files (Linux). */
export const hasProc = existsSync("/proc/self/stat");

/** All living processes. A zombie, which its parent has not reaped yet, is not one of them. */
export function allProcesses(): Process[] {
  return hasProc ? processIds().flatMap((pid) => processOf(pid) ?? []) : fromPs();
}

/** What a process has started, and what that has started in turn. */
export function descendantsOf(pid: number, all: readonly Process[] = allProcesses()): Process[] {
  return all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...descendantsOf(child.pid, all)]);
}

/** A process and its descendants. */
export function familyOf(pid: number): Process[] {
  const all = allProcesses();
  return [...all.filter((one) => one.pid === pid), ...descendantsOf(pid, all)];
}

/** Whether it still runs. */
export function isAlive({ pid, startedAt }: Process): boolean {
  return hasProc ? processOf(pid)?.startedAt === startedAt : allProcesses().some((one) => one.pid === pid);
}

/** Processes whose environment has a variable with this value, whoever their parent is by now; [] without /proc. */
export function withVariable(name: string, value: string): number[] {
  const line = `\0${name}=${value}\0`;
  return processIds().filter((pid) => `\0${readProc(`${pid}/environ`) ?? ""}`.includes(line));
}

/** Waits until all of them have ended, and kills those that have not in time. @returns those that had to be killed */
export async function endAll(processes: readonly Process[], ms: number): Promise<Process[]> {
  const living = () => processes.filter(isAlive);
  if (await waitUntil(() => living().length === 0, ms, 20)) return [];
  const left = living();
  for (const { pid } of left) kill(pid);
  return left;
}

/** Sends a signal. @param pid a negative one stands for a process group @returns false when none is there any more */
export function kill(pid: number, signal: NodeJS.Signals = "SIGKILL"): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** The command line of a process; undefined when it has ended, or where there is no /proc. */
export const commandLine = (pid: number): string | undefined =>
  readProc(`${pid}/cmdline`)?.replaceAll("\0", " ").trimEnd();

/** A file below /proc; undefined when the process has ended or belongs to someone else, or where there is no /proc. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "latin1");
  } catch {
    return undefined;
  }
}

/** The fields of /proc/<pid>/stat from the state on: what proc(5) numbers 3 is the first. */
export function statFields(pid: number): string[] | undefined {
  const stat = readProc(`${pid}/stat`);
  // The name before them, in parentheses, may contain spaces and parentheses.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function processIds(): number[] {
  const names = hasProc ? readdirSync("/proc") : [];
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

function processOf(pid: number): Process | undefined {
  const fields = statFields(pid);
  if (fields === undefined || fields[0] === "Z" || fields[0] === "X") return undefined;
  return { pid, parent: Number(fields[1]), args: commandLine(pid) ?? "", startedAt: fields[19] ?? "" };
}

function fromPs(): Process[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8", maxBuffer: 2 ** 24 });
  return Array.from(rows.matchAll(/^ *(\d+) +(\d+) +[^Z\s]\S* +(.*)$/gm), ([, pid, parent, args = ""]) => {
    return { pid: Number(pid), parent: Number(parent), args, startedAt: "" };
  });
}
