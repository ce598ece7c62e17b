/** The process groups of children. What is alive when the process exits, for whatever reason, is killed with it. */

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
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
    return true;
  } catch {
    return false; // ESRCH: gone already
  }
}

export const groupLives = (pid: number): boolean => signalGroup(pid, 0);

const killAll = () => living.forEach((pid) => signalGroup(pid, "SIGKILL"));
