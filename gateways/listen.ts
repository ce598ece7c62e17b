/** Opens and closes an HTTP port, and says which process has it when it is taken. */
import { createServer, STATUS_CODES, type RequestListener, type Server } from "node:http";
import { Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import { GatewayError } from "./errors.ts";
import { errorAnswer } from "./jsonrpc.ts";
import { nextFree, takenBy } from "./ports.ts";
import { takeUpgrades } from "./upgrades.ts";

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
  /** Ports that are meant for somebody else, and not offered in place of a taken one. @default none */
  readonly others?: readonly number[];
}

/** The port is taken: `port 8082 is taken by node (pid 4711): stop it, or choose 8083, which is free`. */
export class PortTaken extends Error {
  /** By whom. */
  readonly taken: string;
  /** The next one that is free. */
  readonly free: number | undefined;

  constructor(port: number, free: number | undefined) {
    const taken = `port ${port} is taken by ${takenBy(port)}`;
    super(`${taken}: stop it${free === undefined ? "" : `, or choose ${free}, which is free`}`);
    this.taken = taken;
    this.free = free;
  }
}

/** Serves HTTP on a port. @throws PortTaken, or Error that says what is wrong with the port */
export function listen(app: RequestListener, { port, host, maxHeaders, others = [] }: ListenOptions): Promise<Server> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_TIMEOUT, noDelay: true, maxHeaderSize: maxHeaders }, app);
  // Node would ask for the body before any check: the app does, when all have passed.
  server.on("checkContinue", app);
  takeUpgrades(server, app);
  server.on("clientError", (error, socket) => answerMalformed(error, socket, maxHeaders));
  const listening = new Promise<Server>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
  return listening.catch(async (error: NodeJS.ErrnoException) => {
    throw await explain(error, port, host, others);
  });
}

/**
 * Accepts no more connections, and resolves when the last one has closed. This is not http's own `close`, which cuts
 * connections whose client has not read the last answer to its end.
 */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()));
}

async function explain(
  error: NodeJS.ErrnoException,
  port: number,
  host: string,
  others: readonly number[],
): Promise<Error> {
  if (error.code === "EADDRINUSE") return new PortTaken(port, await nextFree(port, host, others));
  if (error.code === "EACCES") return new Error(`port ${port} may not be opened by this user: choose one above 1023`);
  if (error.code === "EADDRNOTAVAIL") return new Error(`host ${host} is not an address of this machine`);
  return error;
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
