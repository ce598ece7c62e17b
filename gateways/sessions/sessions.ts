/** The sessions of one service: opening, finding and closing them, and closing those that were forgotten. */
import { GatewayError } from "../errors.ts";
import { decode, find, written, type Message } from "../jsonrpc.ts";
import { audit, type AuditEvent, type AuditFields, type Logger } from "../log.ts";
import type { MemoryBudget } from "../memory-budget.ts";
import { named, type Principal } from "../principal.ts";
import { clientName } from "./client-name.ts";
import type { Replica } from "./replicas/replica.ts";
import { randomId } from "./replicas/session-ids.ts";
import { NOBODY, type SessionStore, type StoredSession } from "./replicas/store.ts";
import { newRecord, type Lane, type LaneSource } from "./servers/contract.ts";
import { MAX_KEPT, Session, type ClientTransport, type SessionParts } from "./session.ts";
import { keepChange, opened, restored } from "./session-record.ts";

export interface SessionsOptions {
  readonly service: string;
  /** How many sessions may be open. */
  readonly maxSessions: number;
  /** How many calls a session may have open. */
  readonly maxOpenCalls: number;
  readonly memory: MemoryBudget;
  /** Milliseconds after which an idle session ends. A session with an open stream or call is not idle. */
  readonly idleTtl: number;
  /** Whether a session whose server is gone continues with a new one. */
  readonly revive: boolean;
  /** What this gateway shares with the other gateways of the service; undefined = there are none. */
  readonly replica: Replica | undefined;
}

/** Milliseconds that another gateway may take to note that a session was used. */
const NOTING_TIME = 60_000;

/** Who opens a session. */
export interface Opener {
  readonly principal: Principal;
  readonly address: string;
  readonly transport: ClientTransport;
  /** What its HTTP client says that it is. */
  readonly userAgent: string | undefined;
  /** The session's id, of `newId`. @default - a new one */
  readonly id?: string;
}

/** A session has been opened, or has ended. */
export interface SessionEvent {
  readonly state: "opened" | "closed";
  /** Streamable HTTP, or the older HTTP+SSE. */
  readonly transport: ClientTransport;
  /** What the client calls itself; undefined when it does not say. */
  readonly client: string | undefined;
  /** "anonymous" where no token is needed. */
  readonly principal: string;
  /** Why it has ended, as the log has it: "deleted", "idle", "shutting-down", ... */
  readonly reason: string | undefined;
  /** Milliseconds that it was open here; undefined while it is. */
  readonly lasted: number | undefined;
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
  readonly #lanes: LaneSource;
  readonly #log: Logger;
  readonly #onSession: (event: SessionEvent) => void;
  readonly #sessions = new Map<string, Session>();
  /** Sessions that are being claimed from another gateway, by id. */
  readonly #reviving = new Map<string, Promise<void>>();
  readonly #sweeper: NodeJS.Timeout;
  #opening = 0;
  #handedOver = false;
  /** When it was last noted which sessions are used. */
  #noted = performance.now();

  constructor(
    options: SessionsOptions,
    lanes: LaneSource,
    log: Logger,
    onSession: (event: SessionEvent) => void = () => {},
  ) {
    this.#options = options;
    this.#lanes = lanes;
    this.#log = log;
    this.#onSession = onSession;
    this.#sweeper = setInterval(() => void this.#sweep(), Math.min(Math.max(options.idleTtl / 4, 50), 30_000));
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
   * @throws GatewayError `too-many-sessions`, `memory-exhausted`, `too-many-children`, `child-start-failed`
   */
  async open(initialize: Message, { userAgent, id = this.newId(), ...opener }: Opener): Promise<Opened> {
    if (initialize.text.length > MAX_KEPT) throw new GatewayError("body-too-large", { limit: MAX_KEPT });
    this.#admitOne();
    const session = this.#newSession({ ...opener, id, record: newRecord(initialize) });
    this.#opening++;
    try {
      return await this.#register(session, await session.lane.open(), userAgent);
    } catch (error) {
      await this.#discard(session);
      throw error;
    } finally {
      this.#opening--;
    }
  }

  /** An id for a session that is about to be opened. Nobody can guess it. */
  newId(): string {
    const { replica } = this.#options;
    return replica ? replica.ids.make(replica.address) : randomId();
  }

  /**
   * A principal's session in this gateway.
   * @returns undefined when it may be at another gateway
   * @throws GatewayError `session-not-found`, also for somebody else's session: the caller must not learn that it exists
   */
  find(id: string, principal: Principal): Session | undefined {
    const session = this.#sessions.get(id);
    if (this.#options.replica && (!session || this.#handedOver)) return undefined;
    if (session?.principal.id !== principal.id) throw new GatewayError("session-not-found");
    session.usedBy(principal);
    return session;
  }

  /**
   * A principal's session that was not in this gateway a moment ago: revived here when no other gateway has it.
   * @param gone the address of a gateway that turned out not to have it
   * @returns the session, or the address of the gateway that has it
   * @throws GatewayError `session-not-found`, `too-many-sessions`, `shutting-down`
   */
  async locate(id: string, principal: Principal, gone?: string): Promise<Session | string> {
    const here = this.find(id, principal);
    if (here) return here;
    const { replica, revive } = this.#options;
    const opener = replica?.ids.ownerOf(id);
    if (!replica || opener === undefined) throw new GatewayError("session-not-found");
    const kept = await replica.store?.find(id);
    // One that nobody keeps may be open at the gateway that made it, as those of /sse are before initialize.
    const owner = kept?.owner ?? opener;
    if (kept && kept.principal !== principal.id) throw new GatewayError("session-not-found");
    if (![NOBODY, replica.address, gone].includes(owner)) return owner;
    if (this.#handedOver) throw new GatewayError("shutting-down");
    if (!kept || !revive) throw new GatewayError("session-not-found");
    await this.#revive(kept, principal, replica);
    return this.locate(id, principal, gone);
  }

  /** Whether there is such a session, whosever it is, here or at another gateway. */
  has(id: string | undefined): boolean {
    if (id === undefined) return false;
    return this.#sessions.has(id) || this.#options.replica?.ids.ownerOf(id) !== undefined;
  }

  /** Closes a session because its client says so. */
  async close(session: Session): Promise<void> {
    await this.#end(session, new GatewayError("session-not-found"), "deleted");
  }

  /** From now on other gateways may have the sessions, and this one has none. */
  async handOver(): Promise<void> {
    if (this.#handedOver) return;
    this.#handedOver = true;
    clearInterval(this.#sweeper);
    const { replica, revive } = this.#options;
    await this.#keep((store) => (revive ? store.release(replica!.address) : store.removeAll(replica!.address)));
  }

  /** Closes those whose principal may no longer call. */
  endOf(isOver: (principal: Principal) => boolean): void {
    for (const session of this.#sessions.values())
      if (isOver(session.principal))
        void this.#end(session, new GatewayError("session-not-found"), "not allowed any more");
  }

  /** Closes all of them. */
  async stop(reason: GatewayError): Promise<void> {
    await this.handOver();
    const why = this.#options.replica?.store && this.#options.revive ? "handed over" : reason.name;
    await Promise.all([...this.#sessions.values()].map((session) => this.#end(session, reason, why)));
  }

  /** @throws GatewayError `too-many-sessions` */
  #admitOne(): void {
    const { service, maxSessions: limit } = this.#options;
    if (this.#sessions.size + this.#opening + this.#reviving.size < limit) return;
    throw new GatewayError("too-many-sessions", { service, limit }, { retryAfter: 30 });
  }

  /** @throws GatewayError `memory-exhausted` */
  #newSession(parts: Omit<SessionParts, "memory" | "maxOpenCalls">): Session {
    const memory = this.#options.memory.of(parts.principal.id, parts.address);
    return new Session({ ...parts, memory, maxOpenCalls: this.#options.maxOpenCalls }, this.#laneFor);
  }

  /** A session that could not be opened. */
  async #discard(session: Session): Promise<void> {
    await session.lane.close(new GatewayError("session-not-found"));
    session.end();
  }

  readonly #laneFor = (session: Session): Lane =>
    this.#lanes.lane(session, (reason) => void this.#end(session, reason));

  /** Claims a session and restores it, once however many requests ask for it at the same time. */
  async #revive(kept: StoredSession, principal: Principal, replica: Replica): Promise<void> {
    const { id } = kept;
    if (this.#sessions.has(id)) return; // revived while the store was asked
    const known = this.#reviving.get(id);
    if (known) return known;
    this.#admitOne();
    const reviving = this.#claim(kept, principal, replica).finally(() => this.#reviving.delete(id));
    this.#reviving.set(id, reviving);
    await reviving;
  }

  async #claim(kept: StoredSession, principal: Principal, { store, address }: Replica): Promise<void> {
    if (!(await store!.claim(kept.id, kept.owner, address))) return; // another gateway was quicker
    if (this.#handedOver) return store!.release(address); // too late: leave it to the others again
    const session = this.#newSession(restored(kept, principal));
    this.#add(session);
    session.lane.restore();
    this.#tell("session-revived", session);
  }

  #add(session: Session): void {
    const { replica } = this.#options;
    this.#sessions.set(session.id, session);
    if (replica?.store) session.changed = (request) => void this.#keep((store) => keepChange(store, session, request));
  }

  /** Writes to the store. A session whose record cannot be written lives on, in this gateway alone. */
  async #keep(write: (store: SessionStore) => Promise<void>): Promise<void> {
    const { replica, service } = this.#options;
    if (!replica?.store) return;
    try {
      await write(replica.store);
    } catch (err) {
      this.#log.error({ err, service }, "cannot write to the state folder");
    }
  }

  async #register(session: Session, answer: string, userAgent: string | undefined): Promise<Opened> {
    const version = written(answer, 0, "result", "protocolVersion");
    if (!version) {
      await this.#discard(session);
      return { session: undefined, answer };
    }
    session.version = version.replaceAll('"', "");
    this.#add(session);
    await this.#keep((store) => store.add(opened(session, this.#options.replica!.address)));
    this.#tell("session-opened", session, { userAgent });
    return { session, answer };
  }

  async #end(session: Session, reason: GatewayError, why: string = reason.name): Promise<void> {
    if (!this.#sessions.delete(session.id)) return;
    session.changed = undefined;
    const removed = this.#handedOver ? undefined : this.#keep((store) => store.remove(session.id));
    this.#tell("session-closed", session, { reason: why });
    await session.lane.close(reason);
    session.endCalls(); // the calls that a shared server is still working at
    session.end();
    await removed;
  }

  async #sweep(): Promise<void> {
    this.#endIdle();
    const used = [...this.#sessions.values()].filter(({ lastUsed }) => lastUsed >= this.#noted).map(({ id }) => id);
    this.#noted = performance.now();
    await this.#keep(async (store) => {
      await store.touch(used);
      await store.removeUnused(this.#options.idleTtl + NOTING_TIME);
    });
  }

  #endIdle(): void {
    const oldest = performance.now() - this.#options.idleTtl;
    for (const session of this.#sessions.values()) {
      if (session.lastUsed > oldest) continue;
      if (session.busy) session.lastUsed = performance.now();
      else void this.#end(session, new GatewayError("session-not-found"), "idle");
    }
  }

  /** The id of a session is a credential: the log shows only its beginning. */
  #tell(event: AuditEvent, session: Session, more: AuditFields = {}): void {
    const { service } = this.#options;
    const { address, principal, transport, version: protocol } = session;
    const { text, params } = session.record.initialize;
    const info = find(text, params, "clientInfo");
    const client = info && clientName(decode(text, info));
    const who = { service, address, ...named(principal), session: session.id.slice(0, 6) };
    audit(this.#log, event, { ...who, client, protocol, ...more });
    const state = event === "session-closed" ? "closed" : "opened";
    const lasted = state === "closed" ? performance.now() - session.opened : undefined;
    this.#onSession({ state, transport, client, principal: principal.id, reason: more.reason, lasted });
  }
}
