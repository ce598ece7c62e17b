/** The connections of a gateway: how many there are, which one makes room for another, and which client does not read. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { GatewayError } from "./errors.ts";
import { errorAnswer } from "./jsonrpc.ts";
import { audit, type AuditFields, type Logger } from "./log.ts";
import { hostOf, readAddress } from "./limits/address.ts";
import type { Principal } from "./principal.ts";
import type { TrustedProxies } from "./limits/trusted-proxies.ts";

export interface ConnectionOptions {
  /** How many connections may be open. */
  readonly max: number;
  /** Milliseconds in which a client must take something of what waits for it. */
  readonly readTimeout: number;
  /** Proxies: all of their connections come from one address. */
  readonly proxies: TrustedProxies;
}

/** Who is answered on a connection. */
export interface Answered {
  readonly res: ServerResponse;
  readonly method: string;
  /** The name of the service that it is for; undefined = none. */
  readonly service: string | undefined;
  /** Whether its answer is a stream, or a connection, that stays open until somebody ends it. */
  readonly isOpenEnded: boolean;
  /** undefined until that is known. */
  readonly principal: Principal | undefined;
  /** A header of the request. */
  header(name: string): string | undefined;
  /** For the log. */
  caller(): AuditFields;
  /** Refuses it, or ends what is open, because its caller's login is over. */
  endLogin(reason: string): void;
  /** Its answer has been read, or its client has left. */
  over(): void;
}

/** What has come and what has gone. */
export interface Bytes {
  readonly received: number;
  readonly sent: number;
}

/** One connection. */
interface Connection {
  /** Who has it: an IPv4 address, or a /64 of IPv6. */
  readonly address: string;
  /** Requests that have not been answered to the end; the last one is the latest. */
  readonly open: Set<Answered>;
  /** When it last had one (performance.now()). */
  lastUsed: number;
  /** Bytes that the client had taken when that was looked at last, and since when it has not taken more. */
  taken: number;
  takenAt: number;
}

/** How much of all connections one address may have. */
const PART_OF_ADDRESS = 1 / 2;

/** How many idle connections are closed at once when there is no room, so that a flood does not cost a search each time. */
const CLOSED_AT_ONCE = 32;

/** The connections of a gateway. */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #log: Logger;
  readonly #open = new Map<Socket, Connection>();
  readonly #addresses = new Map<string, number>();
  readonly #sweeper: NodeJS.Timeout;
  /** Bytes of the connections that are closed. */
  readonly #closed = { received: 0, sent: 0 };
  #refused = 0;

  constructor(options: ConnectionOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
    this.#sweeper = setInterval(() => this.#sweep(performance.now()), Math.max(options.readTimeout / 4, 10));
    this.#sweeper.unref();
  }

  get sockets(): Iterable<Socket> {
    return this.#open.keys();
  }

  /** The requests that are being answered. */
  get answered(): Answered[] {
    return [...this.#open.values()].flatMap(({ open }) => [...open]);
  }

  get size(): number {
    return this.#open.size;
  }

  /** Bytes that all connections together have had, with their headers. */
  get bytes(): Bytes {
    let { received, sent } = this.#closed;
    for (const { bytesRead, bytesWritten } of this.#open.keys()) {
      received += bytesRead;
      sent += bytesWritten;
    }
    return { received, sent };
  }

  stop(): void {
    clearInterval(this.#sweeper);
  }

  /** Takes a new connection in, or refuses it when all others are at work. */
  accept(socket: Socket): void {
    if (this.#open.has(socket)) return; // its request for an upgrade was ignored
    const remote = readAddress(socket.remoteAddress ?? "") ?? "unknown";
    const address = hostOf(remote);
    const ofAddress = this.#addresses.get(address) ?? 0;
    const most = this.#options.proxies.includes(remote)
      ? this.#options.max
      : Math.ceil(this.#options.max * PART_OF_ADDRESS);
    if (ofAddress >= most && !this.#makeRoom((one) => one.address === address)) return this.#refuse(socket, most);
    if (this.#open.size >= this.#options.max && !this.#makeRoom(() => true))
      return this.#refuse(socket, this.#options.max);
    const now = performance.now();
    this.#open.set(socket, { address, open: new Set(), lastUsed: now, taken: 0, takenAt: now });
    this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1);
    socket.once("close", () => this.#forget(socket, address));
  }

  /** A request has come on a connection. */
  begin(socket: Socket, answered: Answered): void {
    const connection = this.#open.get(socket);
    connection?.open.add(answered);
    // The only listener that every response has.
    answered.res.on("close", () => {
      answered.over();
      if (!connection) return;
      connection.open.delete(answered);
      connection.lastUsed = performance.now();
    });
  }

  /** Closes the connections that have had no request for longest. @returns whether there is room now */
  #makeRoom(matches: (connection: Connection) => boolean): boolean {
    const idle = [...this.#open].filter(([, connection]) => connection.open.size === 0 && matches(connection));
    idle.sort(([, one], [, other]) => one.lastUsed - other.lastUsed);
    for (const [socket, { address }] of idle.slice(0, CLOSED_AT_ONCE)) {
      socket.destroy();
      this.#forget(socket, address); // its event comes later
    }
    return idle.length > 0;
  }

  #forget(socket: Socket, address: string): void {
    if (!this.#open.delete(socket)) return;
    this.#closed.received += socket.bytesRead;
    this.#closed.sent += socket.bytesWritten;
    const left = (this.#addresses.get(address) ?? 1) - 1;
    if (left > 0) this.#addresses.set(address, left);
    else this.#addresses.delete(address);
  }

  /** Says why, if the client still listens; waits for nothing. */
  #refuse(socket: Socket, limit: number): void {
    this.#refused++;
    const { code, message, retryAfter } = new GatewayError("too-many-connections", { limit });
    const body = errorAnswer(undefined, code, message);
    const head = `HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: ${retryAfter}\r\nContent-Type: application/json`;
    socket.on("error", () => {});
    socket.end(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, () => socket.destroy());
  }

  #sweep(now: number): void {
    for (const [socket, connection] of this.#open) this.#cutIfStuck(socket, connection, now);
    if (this.#refused === 0) return;
    audit(this.#log, "refused", { reason: "too many connections", times: this.#refused });
    this.#refused = 0;
  }

  /** Cuts a client that has taken nothing of what waits for it for too long. */
  #cutIfStuck(socket: Socket, connection: Connection, now: number): void {
    const waiting = socket.writableLength;
    const taken = socket.bytesWritten - waiting;
    if (waiting === 0 || taken !== connection.taken) {
      connection.taken = taken;
      connection.takenAt = now;
    } else if (now - connection.takenAt >= this.#options.readTimeout) this.#cut(socket, connection, waiting);
  }

  #cut(socket: Socket, { address, open }: Connection, waiting: number): void {
    const seconds = this.#options.readTimeout / 1_000;
    audit(this.#log, "cut", {
      address,
      ...[...open].at(-1)?.caller(),
      reason: `slow reader: took nothing for ${seconds} s`,
      waiting,
    });
    socket.destroy();
  }
}
