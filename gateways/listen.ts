/** Opens and closes an HTTP port, and says which process has it when it is taken. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, STATUS_CODES, type RequestListener, type Server } from "node:http";
import { Server as NetServer } from "node:net";
import { basename } from "node:path";
import type { Duplex } from "node:stream";
import { GatewayError } from "./errors.ts";
import { errorAnswer } from "./jsonrpc.ts";

/**
 * Milliseconds. Longer than a proxy keeps an idle connection (nginx 60 s, cloudflared 90 s, Caddy 120 s), so that the proxy is
 * the one to close it: a POST that meets the close would be lost.
 */
const KEEP_ALIVE_TIMEOUT = 125_000;

/** Milliseconds in which a client may read why its connection is closed, although it still sends. */
const LINGER = 1_000;

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  /** Bytes of the request line and the headers together. */
  readonly maxHeaders: number;
}

/** Serves HTTP on a port. @throws Error `port 8082 is taken by node (pid 4711): stop it, or choose 8083, which is free` */
export function listen(app: RequestListener, { port, host, maxHeaders }: ListenOptions): Promise<Server> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_TIMEOUT, noDelay: true, maxHeaderSize: maxHeaders }, app);
  // Node would ask for the body before any check: the app does, when all have passed.
  server.on("checkContinue", app);
  server.on("clientError", (error, socket) => answerMalformed(error, socket, maxHeaders));
  const listening = new Promise<Server>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
  return listening.catch(async (error: NodeJS.ErrnoException) => {
    throw await explain(error, port, host);
  });
}

/**
 * Accepts no more connections, and resolves when the last one has closed. This is not http's own `close`, which cuts
 * connections whose client has not read the last answer to its end.
 */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()));
}

/** Whether something listens there already. */
export function isTaken(port: number, host: string): Promise<boolean> {
  const probe = new NetServer();
  return new Promise((resolve) => {
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE"));
    probe.listen(port, host, () => probe.close(() => resolve(false)));
  });
}

/** The first of the next ports that is free; undefined when none of them is. */
export async function nextFree(port: number, host: string): Promise<number | undefined> {
  for (let next = port + 1; next <= Math.min(port + NEARBY, 65_535); next++)
    if (!(await isTaken(next, host))) return next;
  return undefined;
}

const NEARBY = 50;

async function explain(error: NodeJS.ErrnoException, port: number, host: string): Promise<Error> {
  if (error.code === "EADDRINUSE") {
    const free = await nextFree(port, host);
    const other = free === undefined ? "" : `, or choose ${free}, which is free`;
    return new Error(`port ${port} is taken by ${takenBy(port)}: stop it${other}`);
  }
  if (error.code === "EACCES") return new Error(`port ${port} may not be opened by this user: choose one above 1023`);
  if (error.code === "EADDRNOTAVAIL") return new Error(`host ${host} is not an address of this machine`);
  return error;
}

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

/** Non-HTTP input is rejected before it becomes a request, with a JSON-RPC error. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex, maxHeaders: number): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const { status, code, message } = refusalOf(error, maxHeaders);
  const body = errorAnswer(undefined, code, message);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  socket.end(`${head}\r\n\r\n${body}`);
  // Node no longer manages this connection. Destroyed while the client still sends, it would be reset and the answer lost; a
  // client that does not close its end would keep it open for ever.
  socket.on("error", () => {}).once("end", () => socket.destroy());
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER).unref();
}

function refusalOf(
  { code = "" }: NodeJS.ErrnoException,
  limit: number,
): { status: number; code: number; message: string } {
  if (code === "HPE_HEADER_OVERFLOW") return new GatewayError("headers-too-large", { limit });
  const late = code === "ERR_HTTP_REQUEST_TIMEOUT";
  const error = new GatewayError("invalid-request", { detail: late ? "it did not arrive in time" : "it is not HTTP" });
  return { status: late ? 408 : 400, code: error.code, message: error.message };
}
