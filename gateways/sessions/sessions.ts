/** The sessions of one service: opening, finding, ending, and the end of those that were forgotten. Knows nothing of HTTP. */
import { randomBytes } from "node:crypto";
import { GatewayError } from "../errors.ts";
import { written, type Message } from "../jsonrpc.ts";
import { audit, type Logger } from "../log.ts";
import type { Backend } from "./lane.ts";
import { MAX_KEPT, Session, type Principal } from "./session.ts";

export interface SessionsOptions {
  readonly service: string;
  /** Sessions at most. */
  readonly maxSessions: number;
  /** Milliseconds after which a session that nobody uses ends. A session with an open stream or call is in use. */
  readonly idleTtl: number;
}

/** A session that could be opened, or the server's own refusal. */
export interface Opened {
  readonly session: Session | undefined;
  /** The server's answer to initialize. */
  readonly answer: string;
}

/** The sessions of one service. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #backend: Backend;
  readonly #log: Logger;
  readonly #sessions = new Map<string, Session>();
  readonly #sweeper: NodeJS.Timeout;
  #opening = 0;

  constructor(options: SessionsOptions, backend: Backend, log: Logger) {
    this.#options = options;
    this.#backend = backend;
    this.#log = log;
    this.#sweeper = setInterval(() => this.#endIdle(), Math.min(Math.max(options.idleTtl / 4, 50), 30_000));
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Calls of all sessions that have not been answered. */
  get openCalls(): number {
    let calls = this.#opening;
    for (const session of this.#sessions.values()) calls += session.openCalls;
    return calls;
  }

  /**
   * Opens a session with a client's `initialize`.
   * @throws GatewayError `too-many-sessions`, `too-many-children`, `child-start-failed`
   */
  async open(initialize: Message, principal: Principal, address: string): Promise<Opened> {
    const { maxSessions, service } = this.#options;
    if (initialize.text.length > MAX_KEPT) throw new GatewayError("body-too-large", { limit: MAX_KEPT });
    if (this.#sessions.size + this.#opening >= maxSessions) {
      throw new GatewayError("too-many-sessions", { service, limit: maxSessions }, { retryAfter: 30 });
    }
    const session = new Session(randomBytes(18).toString("base64url"), principal, address, initialize);
    session.lane = this.#backend.lane(session, (reason) => void this.#end(session, reason));
    this.#opening++;
    try {
      return await this.#register(session, await session.lane.open());
    } catch (error) {
      await session.lane.close(new GatewayError("session-not-found"));
      throw error;
    } finally {
      this.#opening--;
    }
  }

  /**
   * A principal's session.
   * @throws GatewayError `session-not-found`, also for the session of somebody else: whether it exists is not theirs to know
   */
  find(id: string, principal: Principal): Session {
    const session = this.#sessions.get(id);
    if (session?.principal.id !== principal.id) throw new GatewayError("session-not-found");
    session.lastUsed = performance.now();
    return session;
  }

  /** Whether there is such a session, whosever it is. */
  has(id: string | undefined): boolean {
    return id !== undefined && this.#sessions.has(id);
  }

  /** Ends a session because its client says so. */
  async close(session: Session): Promise<void> {
    await this.#end(session, new GatewayError("session-not-found"), "deleted");
  }

  /** Ends all of them. */
  async stop(reason: GatewayError): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#sessions.values()].map((session) => this.#end(session, reason)));
  }

  async #register(session: Session, answer: string): Promise<Opened> {
    const version = written(answer, 0, "result", "protocolVersion");
    if (!version) {
      await session.lane.close(new GatewayError("session-not-found"));
      return { session: undefined, answer };
    }
    session.version = version.replaceAll('"', "");
    this.#sessions.set(session.id, session);
    this.#audit("session-opened", session);
    return { session, answer };
  }

  async #end(session: Session, reason: GatewayError, why: string = reason.name): Promise<void> {
    if (!this.#sessions.delete(session.id)) return;
    this.#audit("session-closed", session, why);
    await session.lane.close(reason);
    session.endCalls(); // what the lane has left open: calls that a shared server is working at
    session.end();
  }

  #endIdle(): void {
    const oldest = performance.now() - this.#options.idleTtl;
    for (const session of this.#sessions.values()) {
      if (session.lastUsed > oldest) continue;
      if (session.busy) session.lastUsed = performance.now();
      else void this.#end(session, new GatewayError("session-not-found"), "idle");
    }
  }

  /** The id of a session is a credential: the log has only its beginning. */
  #audit(event: "session-opened" | "session-closed", session: Session, reason?: string): void {
    const { service } = this.#options;
    const { address, principal } = session;
    const fields = { service, address, principal: principal.id, session: session.id.slice(0, 6) };
    audit(this.#log, event, reason === undefined ? fields : { ...fields, reason });
  }
}
