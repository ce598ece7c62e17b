/** Ports of this machine: whether one is taken, by whom, and which is free. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { basename } from "node:path";

/** Whether something listens there already. */
export function isTaken(port: number, host: string): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE"));
    probe.listen(port, host, () => probe.close(() => resolve(false)));
  });
}

/** The first of the next ports that is free and not one of the others; undefined when none of them is. */
export async function nextFree(
  port: number,
  host: string,
  others: readonly number[] = [],
): Promise<number | undefined> {
  for (let next = port + 1; next <= Math.min(port + NEARBY, 65_535); next++)
    if (!others.includes(next) && !(await isTaken(next, host))) return next;
  return undefined;
}

/** How far to look. */
const NEARBY = 50;

/** The process that listens on a port, if this user may see it (Linux only): `node (pid 4711)`. */
export function takenBy(port: number): string {
  try {
    const inode = inodeOf(port);
    const pid = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && holds(entry, `socket:[${inode}]`));
    if (inode !== undefined && pid !== undefined) {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
      return `${basename(command)} (pid ${pid})`;
    }
  } catch {
    // another system, without /proc
  }
  return "another process";
}

const LISTENING = "0A";

/** Column 1 of /proc/net/tcp is the local address with the port in hex, 3 the state, 9 the inode (proc(5)). */
function inodeOf(port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => readFileSync(file, "utf8").split("\n"));
  const row = rows
    .map((line) => line.trim().split(/\s+/))
    .find((cells) => cells[1]?.endsWith(suffix) && cells[3] === LISTENING);
  return row?.[9];
}

function holds(pid: string, socket: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === socket);
  } catch {
    return false; // the process has ended, or belongs to another user
  }
}
