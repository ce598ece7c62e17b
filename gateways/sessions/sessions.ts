/** The sessions of one service: opening, finding, ending, and the end of those that were forgotten. Knows nothing of HTTP. */
import { GatewayError } from "../errors.ts";
import { written, type Message } from "../jsonrpc.ts";
import { audit, type Logger } from "../log.ts";
import type { Replica } from "./replicas/replica.ts";
import { newRecord, type Backend } from "./servers/contract.ts";
import { MAX_KEPT, Session, type Principal } from "./session.ts";
import { randomId } from "./replicas/session-ids.ts";
import { keepChange, opened, restored } from "./session-record.ts";
import { NOBODY, type SessionStore, type StoredSession } from "./replicas/store.ts";

export interface SessionsOptions {
  readonly service: string;
  /** Sessions at most. */
  readonly maxSessions: number;
  /** Milliseconds after which a session that nobody uses ends. A session with an open stream or call is in use. */
  readonly idleTtl: number;
  /** Whether a session whose server is gone goes on with a new one. */
  readonly revive: boolean;
  /** What it shares with the other gateways of the service; undefined = there are none. */
  readonly replica: Replica | undefined;
}

/** Milliseconds that another gateway may take to note that a session was used. */
const NOTING_TIME = 60_000;

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
  #handedOver = false;
  /** When it was last noted which sessions are used. */
  #noted = performance.now();

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
    const { replica } = this.#options;
    if (initialize.text.length > MAX_KEPT) throw new GatewayError("body-too-large", { limit: MAX_KEPT });
    this.#admitOne();
    const id = replica ? replica.ids.make(replica.address) : randomId();
    const session = new Session(id, principal, address, newRecord(initialize));
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
   * A principal's session in this gateway; undefined when it may be elsewhere.
   * @throws GatewayError `session-not-found`, also for the session of somebody else: whether it exists is not theirs to know
   */
  find(id: string, principal: Principal): Session | undefined {
    const session = this.#sessions.get(id);
    if (this.#options.replica && (!session || this.#handedOver)) return undefined;
    if (session?.principal.id !== principal.id) throw new GatewayError("session-not-found");
    session.lastUsed = performance.now();
    return session;
  }

  /**
   * A principal's session that is not in this gateway, or was not a moment ago: revived here when no other has it, else the
   * address of that one.
   * @param gone the address of a gateway that turned out not to have it
   * @throws GatewayError `session-not-found`, `too-many-sessions`, `shutting-down`
   */
  locate(id: string, principal: Principal, gone?: string): Session | string {
    const here = this.find(id, principal);
    if (here) return here;
    const { replica, revive } = this.#options;
    const opener = replica?.ids.ownerOf(id);
    if (!replica || opener === undefined) throw new GatewayError("session-not-found");
    const kept = replica.store?.find(id);
    const owner = replica.store ? kept?.owner : opener;
    if (owner === undefined || (kept && kept.principal !== principal.id)) throw new GatewayError("session-not-found");
    if (![NOBODY, replica.address, gone].includes(owner)) return owner;
    if (this.#handedOver) throw new GatewayError("shutting-down");
    if (!kept || !revive) throw new GatewayError("session-not-found");
    return this.#revive(kept, replica) ?? this.locate(id, principal, gone);
  }

  /** Whether there is such a session, whosever it is, here or at another gateway. */
  has(id: string | undefined): boolean {
    if (id === undefined) return false;
    return this.#sessions.has(id) || this.#options.replica?.ids.ownerOf(id) !== undefined;
  }

  /** Ends a session because its client says so. */
  async close(session: Session): Promise<void> {
    await this.#end(session, new GatewayError("session-not-found"), "deleted");
  }

  /** From now on other gateways may have the sessions, and this one has none any more. */
  handOver(): void {
    if (this.#handedOver) return;
    this.#handedOver = true;
    clearInterval(this.#sweeper);
    const { replica, revive } = this.#options;
    this.#keep((store) => (revive ? store.release(replica!.address) : store.removeAll(replica!.address)));
  }

  /** Ends all of them. */
  async stop(reason: GatewayError): Promise<void> {
    this.handOver();
    const why = this.#options.replica?.store && this.#options.revive ? "handed over" : reason.name;
    await Promise.all([...this.#sessions.values()].map((session) => this.#end(session, reason, why)));
  }

  /** @throws GatewayError `too-many-sessions` */
  #admitOne(): void {
    const { service, maxSessions: limit } = this.#options;
    if (this.#sessions.size + this.#opening < limit) return;
    throw new GatewayError("too-many-sessions", { service, limit }, { retryAfter: 30 });
  }

  /** @returns undefined when another gateway was quicker */
  #revive(kept: StoredSession, replica: Replica): Session | undefined {
    this.#admitOne();
    if (!replica.store?.claim(kept.id, kept.owner, replica.address)) return undefined;
    const session = restored(kept);
    session.lane = this.#backend.lane(session, (reason) => void this.#end(session, reason));
    this.#add(session);
    session.lane.restore();
    this.#audit("session-revived", session);
    return session;
  }

  #add(session: Session): void {
    const { replica } = this.#options;
    this.#sessions.set(session.id, session);
    if (replica?.store) session.changed = (request) => this.#keep((store) => keepChange(store, session, request));
  }

  /** Writes to the store. A session whose record cannot be written lives on, in this gateway alone. */
  #keep(write: (store: SessionStore) => void): void {
    const { replica, service } = this.#options;
    if (!replica?.store) return;
    try {
      write(replica.store);
    } catch (err) {
      this.#log.error({ err, service }, "cannot write to the state folder");
    }
  }

  async #register(session: Session, answer: string): Promise<Opened> {
    const version = written(answer, 0, "result", "protocolVersion");
    if (!version) {
      await session.lane.close(new GatewayError("session-not-found"));
      return { session: undefined, answer };
    }
    session.version = version.replaceAll('"', "");
    this.#add(session);
    this.#keep((store) => store.add(opened(session, this.#options.replica!.address)));
    this.#audit("session-opened", session);
    return { session, answer };
  }

  async #end(session: Session, reason: GatewayError, why: string = reason.name): Promise<void> {
    if (!this.#sessions.delete(session.id)) return;
    session.changed = undefined;
    if (!this.#handedOver) this.#keep((store) => store.remove(session.id));
    this.#audit("session-closed", session, why);
    await session.lane.close(reason);
    session.endCalls(); // what the lane has left open: calls that a shared server is working at
    session.end();
  }

  #endIdle(): void {
    const { idleTtl } = this.#options;
    const oldest = performance.now() - idleTtl;
    for (const session of this.#sessions.values()) {
      if (session.lastUsed > oldest) continue;
      if (session.busy) session.lastUsed = performance.now();
      else void this.#end(session, new GatewayError("session-not-found"), "idle");
    }
    this.#keep((store) => {
      store.touch([...this.#sessions.values()].filter(({ lastUsed }) => lastUsed >= this.#noted).map(({ id }) => id));
      store.removeUnused(idleTtl + NOTING_TIME);
    });
    this.#noted = performance.now();
  }

  /** The id of a session is a credential: the log has only its beginning. */
  #audit(event: "session-opened" | "session-revived" | "session-closed", session: Session, reason?: string): void {
    const { service } = this.#options;
    const { address, principal } = session;
    const fields = { service, address, principal: principal.id, session: session.id.slice(0, 6) };
    audit(this.#log, event, reason === undefined ? fields : { ...fields, reason });
  }
}
