/** The process groups of children. What is alive when the process exits, for whatever reason, is killed with it. */
import { readFileSync } from "node:fs";

const living = new Set<number>();

/** A group is alive. While one is, and only then, we listen for the end of the process, which may be somebody else's. */
export function groupStarted(pid: number): void {
  if (living.size === 0) process.on("exit", killAll);
  living.add(pid);
}

export function groupEnded(pid: number): void {
  if (living.delete(pid) && living.size === 0) process.off("exit", killAll);
}

/** @returns whether there was a process to get it */
export const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean =>
  sent(process.platform === "win32" ? pid : -pid, signal);

export const groupLives = (pid: number): boolean => signalGroup(pid, 0);

/**
 * Kills a group, and also a sandbox that is only just being made: until its first process has asked to end with bubblewrap, it would
 * stay behind. The group is stopped first, so that no other one comes meanwhile.
 */
export function killAtOnce(pid: number): void {
  signalGroup(pid, "SIGSTOP");
  for (const child of childrenOf(pid)) sent(child, "SIGKILL");
  signalGroup(pid, "SIGKILL");
}

const killAll = () => living.forEach(killAtOnce);

/** Its children; none where the system does not tell. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function sent(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // ESRCH: gone already
  }
}
