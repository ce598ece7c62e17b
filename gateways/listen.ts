/** Binds a port, and says who holds it when that fails. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Server } from "node:http";
import { basename } from "node:path";

/** @throws Error `port 8082 is taken by node (pid 4711): stop it` */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, port, host)));
    server.listen(port, host, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === "EADDRINUSE") return new Error(`port ${port} is taken by ${holderOf(port)}: stop it`);
  if (error.code === "EACCES") return new Error(`port ${port} may not be opened by this user: choose one above 1023`);
  if (error.code === "EADDRNOTAVAIL") return new Error(`host ${host} is no address of this machine`);
  return error;
}

/** Who listens on a port, as far as this user may know (Linux only). */
function holderOf(port: number): string {
  try {
    const inode = inodeOf(port);
    const pid = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && holds(entry, `socket:[${inode}]`));
    if (inode !== undefined && pid !== undefined) {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
      return `${basename(command)} (pid ${pid})`;
    }
  } catch {
    // no /proc here: another system
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
    return false; // gone, or another user's
  }
}
