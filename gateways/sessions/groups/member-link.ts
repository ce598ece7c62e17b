/** One client's session at one member of a group: opened when it is first used, and again when the member has ended it. */
import type { Caller, Settled } from "../../bridge/connection.ts";
import { GatewayError } from "../../errors.ts";
import { decode, find, notification, readMessage, written, type Message, type Pieces } from "../../jsonrpc.ts";
import type { LastHour } from "../../last-hour.ts";
import { isSound } from "./sound.ts";
import type { Share } from "../../memory-budget.ts";
import { isFailure } from "../../tool-result.ts";
import type { LaneCaller, LaneClient } from "../servers/contract.ts";
import { WaitingCalls } from "../servers/waiting-calls.ts";
import type { Principal } from "../../principal.ts";
import type { Service } from "../service.ts";
import type { Session, SessionCaller } from "../session.ts";
import type { Carrier } from "../stream.ts";

/** What a member's session tells the group's. */
export interface MemberEvents {
  /** A message of the member's. @param caller the call that it belongs to; undefined = none for certain */
  message(text: string, link: MemberLink, caller?: Caller): void;
  /** Its session is open. */
  opened(link: MemberLink): void;
  /** Its session has ended. */
  ended(link: MemberLink): void;
}

/** A member that the client of a group may use. */
export interface UsableMember {
  readonly service: Service;
  /** Who the client is for this member. Its id stays the same. */
  readonly atMember: (principal: Principal) => Principal;
}

/** What a member says that it has. */
export type Capabilities = Readonly<Record<string, unknown>>;

/** Where a group's calls come from, for the member's log. */
const NOWHERE = "group";

const INITIALIZED = readMessage(notification("notifications/initialized")) as Message;

/** One client's way to one member. */
export class MemberLink implements Carrier {
  readonly member: Service;
  readonly #client: LaneClient;
  readonly #atMember: (principal: Principal) => Principal;
  readonly #events: MemberEvents;
  readonly #waiting = new WaitingCalls<LaneCaller>();
  readonly #calls = new Map<Caller, MemberCaller>();
  /** The same for all calls: every one passes here. */
  readonly #onCall: MemberCallEvents = {
    message: (text, caller) => this.#events.message(text, this, caller),
    over: (caller) => void this.#calls.delete(caller),
  };
  #session: Session | undefined;
  #opening: Promise<Session> | undefined;
  #capabilities: Capabilities = {};
  #closed: GatewayError | undefined;

  constructor({ service, atMember }: UsableMember, client: LaneClient, events: MemberEvents) {
    this.member = service;
    this.#atMember = atMember;
    this.#client = client;
    this.#events = events;
  }

  get name(): string {
    return this.member.name;
  }

  /** Its session while it is open. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Whether its session is being opened. */
  get opening(): boolean {
    return this.#opening !== undefined;
  }

  /** What it has; empty before its session is open. */
  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  /** Opens its session unless it is open. @throws GatewayError when the member cannot be had */
  open(): Promise<Session> {
    if (this.#session) return Promise.resolve(this.#session);
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  call(message: Message, caller: LaneCaller, settled: Settled): void {
    if (this.#session && this.#holdsLock) return this.#pass(this.#session, message, caller, settled);
    const up = this.#mayExecute().then(() => this.open());
    const run = (session: Session) => this.#pass(session, message, caller, settled);
    const starts = { service: this.name, call: message };
    void this.#waiting.add(caller, up, { bytes: message.text.length, starts, run, skipped: settled });
  }

  /** Passes a notification of the client's, or its answer, on. */
  tell(message: Message): void {
    this.#session?.tell(message);
  }

  /** @returns whether the call was one of this member's */
  cancel(caller: Caller, reason: GatewayError): boolean {
    const call = this.#calls.get(caller);
    if (call) this.#session?.lane.cancel(call, reason);
    return call !== undefined || this.#waiting.cancel(caller, reason);
  }

  async close(reason: GatewayError): Promise<void> {
    this.#closed = reason;
    this.#waiting.cancelAll(reason);
    const session = this.#session; // one that is being opened is closed as soon as it is open: that may take long
    this.#session = undefined;
    if (session) await this.member.sessions.close(session);
  }

  event(_id: string, text: string): void {
    this.#events.message(text, this);
  }

  /** The member has ended the session. */
  end(): void {
    if (!this.#session) return;
    this.#session = undefined;
    this.#events.ended(this);
  }

  #pass(session: Session, message: Message, caller: LaneCaller, settled: Settled): void {
    const lastHour = message.method === "tools/call" ? this.member.lastHour : undefined;
    const principal = this.#atMember(caller.principal ?? this.#client.principal);
    const call = new MemberCaller({ caller, principal, settled, lastHour }, this.#onCall);
    this.#calls.set(caller, call);
    session.call(message, call);
  }

  async #open(): Promise<Session> {
    await this.member.awake();
    const { record, address = NOWHERE } = this.#client;
    const opener = {
      principal: this.#atMember(this.#client.principal),
      address,
      userAgent: undefined,
      transport: "group",
    } as const;
    const { session, answer } = await this.member.sessions.open(record.initialize, opener);
    if (!session) throw refusal(answer);
    if (this.#closed) {
      await this.member.sessions.close(session);
      throw this.#closed;
    }
    this.#capabilities = capabilitiesIn(answer);
    this.#session = session;
    session.tell(INITIALIZED);
    session.standalone.attach(this);
    this.#events.opened(this);
    return session;
  }

  get #holdsLock(): boolean {
    return this.member.replica?.serialLock?.held !== false;
  }

  /** Calls of a serial member run at one gateway alone, and a group forwards none. @throws GatewayError `owner-silent` */
  async #mayExecute(): Promise<void> {
    if (!this.#holdsLock && !(await this.member.replica!.serialLock!.take())) throw new GatewayError("owner-silent");
  }
}

/** What a member says that it has; nothing, where that is no object or cannot be read. */
function capabilitiesIn(answer: string): Capabilities {
  const offered = written(answer, 0, "result", "capabilities") ?? "{}";
  const read = isSound(offered) ? decode(offered, { start: 0, end: offered.length }) : {};
  return typeof read === "object" && read !== null ? (read as Capabilities) : {};
}

/** The member's server refuses to be initialized. */
function refusal(answer: string): GatewayError {
  const error = find(answer, 0, "error", "message");
  const reason = error === undefined ? "it refuses initialize" : String(decode(answer, error));
  return new GatewayError("initialize-refused", { reason: reason.replace(/\.$/, "") });
}

/** What a call on its way tells the link that it takes. */
interface MemberCallEvents {
  message(text: string, caller: Caller): void;
  over(caller: Caller): void;
}

/** What a call on its way to a member is made of. */
interface MemberCallParts {
  readonly caller: Caller;
  /** Whose it is at the member. */
  readonly principal: Principal;
  readonly settled: Settled;
  /** Where it is counted; undefined = it is no call of a tool. */
  readonly lastHour: LastHour | undefined;
}

/** A call on its way to a member. What comes before its answer passes the group. */
class MemberCaller implements SessionCaller {
  readonly memory: Share;
  readonly principal: Principal;
  readonly #caller: Caller;
  readonly #settled: Settled;
  readonly #events: MemberCallEvents;
  readonly #lastHour: LastHour | undefined;

  constructor({ caller, principal, settled, lastHour }: MemberCallParts, events: MemberCallEvents) {
    this.principal = principal;
    this.#lastHour = lastHour;
    this.#caller = caller;
    this.#settled = settled;
    this.#events = events;
    this.memory = caller.memory as Share;
  }

  /** Its client may leave before the answer. */
  get streams(): boolean {
    return this.#caller.streams ?? true;
  }

  answer(text: string, received?: Message, pieces?: Pieces): void {
    this.#over(text);
    this.#lastHour?.count(received === undefined || isFailure(received));
    this.#caller.answer(text, received, pieces);
  }

  message(text: string): void {
    this.#events.message(text, this.#caller);
  }

  fail(error: GatewayError): void {
    this.#over();
    if (error.name !== "cancelled") this.#lastHour?.count(true);
    this.#caller.fail(error);
  }

  #over(answered?: string): void {
    this.#events.over(this.#caller);
    this.#settled(answered);
  }
}
