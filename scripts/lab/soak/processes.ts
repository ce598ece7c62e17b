/** What the kernel knows: processes by a mark in their environment, and open files. Linux only; elsewhere undefined. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export const kernelTells = process.platform === "linux";

/** The variable that marks everything that a gateway starts. What a server starts itself inherits it. */
export const MARK = "SOAK_RUN";

/** Processes with a mark, whoever their parent is by now. */
export function marked(mark: string): number[] | undefined {
  if (!kernelTells) return undefined;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => environment(pid).includes(`\0${MARK}=${mark}\0`)).map(Number);
}

/** What a process has open: how much in all, and how much of it are sockets. */
export function openFiles(pid: number): { readonly all: number; readonly sockets: number } | undefined {
  if (!kernelTells) return undefined;
  const targets = readdirSync(`/proc/${pid}/fd`).map((fd) => target(`/proc/${pid}/fd/${fd}`));
  const open = targets.filter((name) => name !== undefined);
  return { all: open.length, sockets: open.filter((name) => name.startsWith("socket:")).length };
}

function environment(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}`;
  } catch {
    return ""; // it has ended, or is somebody else's
  }
}

function target(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // closed meanwhile
  }
}
