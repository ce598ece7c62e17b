/**
 * The audit of modern clients, who open no session: a line when a client calls for the first time, and again every hour
 * that it goes on calling. However many clients somebody pretends to be, the lines are bounded.
 */
import { audit, type Logger } from "../log.ts";

/** One client, as its request tells it. */
export interface SeenClient {
  readonly principal: string;
  /** What people call the principal, if that is not its id. */
  readonly name?: string;
  readonly address: string;
  /** As `clientName` has it, which is not long. */
  readonly client: string | undefined;
  readonly protocol: string | undefined;
  readonly userAgent: string | undefined;
}

/** Milliseconds after which a client that still calls is written again. */
const AGAIN = 3_600_000;
/** How many characters of its user agent tell a client from others. */
const LONGEST = 200;
/** How many clients are remembered. */
const MAX_CLIENTS = 5_000;
/** How many lines a minute are written at most; the next line says how many clients were left out. */
const LINES = 60;
const MINUTE = 60_000;

/** The modern clients of one service. */
export class ClientAudit {
  readonly #service: string;
  readonly #log: Logger;
  /** When each was written last, oldest first. */
  readonly #seen = new Map<string, number>();
  /** Who was seen last on a connection, until it is to be written again. */
  readonly #onConnection = new WeakMap<object, { readonly client: SeenClient; readonly until: number }>();
  #minute = 0;
  #lines = 0;
  #leftOut = 0;

  constructor(service: string, log: Logger) {
    this.#service = service;
    this.#log = log;
  }

  /**
   * @param connection what it came on, where the same client nearly always goes on calling
   * @param now milliseconds on a clock that only goes forward
   */
  see(client: SeenClient, connection: object, now = performance.now()): void {
    const last = this.#onConnection.get(connection);
    if (last && now < last.until && isSame(last.client, client)) return;
    const written = this.#lastWritten(client, now);
    this.#onConnection.set(connection, { client, until: written + AGAIN });
  }

  /** When a client was written last, which may be now. */
  #lastWritten(client: SeenClient, now: number): number {
    const { principal, address, protocol, userAgent } = client;
    const key = `${principal}\n${address}\n${client.client}\n${protocol}\n${userAgent?.slice(0, LONGEST)}`;
    const last = this.#seen.get(key);
    if (last !== undefined && now - last < AGAIN) return last;
    this.#remember(key, now);
    if (this.#mayWrite(now)) this.#write(client);
    else this.#leftOut++;
    return now;
  }

  #write(client: SeenClient): void {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    audit(this.#log, "client", { service: this.#service, ...client, ...(leftOut > 0 && { leftOut }) });
  }

  #remember(key: string, now: number): void {
    this.#seen.delete(key);
    this.#seen.set(key, now);
    if (this.#seen.size > MAX_CLIENTS) this.#seen.delete(this.#seen.keys().next().value!);
  }

  #mayWrite(now: number): boolean {
    if (now - this.#minute >= MINUTE) {
      this.#minute = now;
      this.#lines = 0;
    }
    return this.#lines++ < LINES;
  }
}

const isSame = (one: SeenClient, other: SeenClient) =>
  one.principal === other.principal &&
  one.name === other.name &&
  one.address === other.address &&
  one.client === other.client &&
  one.protocol === other.protocol &&
  one.userAgent === other.userAgent;
