/**
 * What sessions and transports may ask of a service's server, whatever stands behind it.
 *
 * A lane is one legacy client's way to the server: to a process of its own, to one that it shares, or to a modern server
 * through a translation. Modern requests know no sessions and need no lane; a `ModernEndpoint` answers them.
 */
import type { Caller, Settled } from "../../bridge/connection.ts";
import type { Tools } from "../../bridge/tools.ts";
import type { GatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Held } from "../../memory-budget.ts";
import type { Principal } from "../../principal.ts";

/** What is replayed on a new child when the client's own has ended. */
export interface SessionRecord {
  readonly initialize: Message;
  initialized: boolean;
  /** The last logging/setLevel request. */
  logLevel: Message | undefined;
  /** The resources/subscribe requests that hold, by uri. */
  readonly subscriptions: Map<string, Message>;
  /** Where numbers for the client start: above every number that it has seen at another gateway. */
  readonly countFrom: number;
}

/** The record of a client that has sent nothing but its `initialize`. */
export const newRecord = (initialize: Message, countFrom = 0): SessionRecord => ({
  initialize,
  initialized: false,
  logLevel: undefined,
  subscriptions: new Map(),
  countFrom,
});

/** The secret with which a principal's server acts in place of the service's own; undefined = with the service's own. */
export type CredentialOf = (principal: Principal) => string | undefined;

/** Whom a lane leads to a server: a session, or the gateway itself on behalf of modern clients. */
export interface LaneClient {
  /** Its id stays the same; what its token opens may change while the session lasts, and so may its secret. */
  readonly principal: Principal;
  /** The address that it calls from. @default unknown */
  readonly address?: string;
  readonly record: SessionRecord;
  /** Whether it shows the tools to clients in a way of its own, and so needs all of them: a group. @default false */
  readonly showsTools?: boolean;
  /** Takes a message of the server's that only this client may see, and that belongs to no call for certain. */
  fromServer(message: Message): void;
  /** The server that the lane led to is gone; the next call will find another. */
  serverLeft?(): void;
}

/** Who waits for an answer on a lane. */
export interface LaneCaller extends Caller {
  /** Whose request it is, with what its token opens at this moment. @default - the lane's client */
  readonly principal?: Principal | undefined;
}

/** One client's way to its server. */
export interface Lane {
  /** Answers the client's `initialize`. Resolves with the answer's text. @throws GatewayError */
  open(): Promise<string>;
  /** Instead of `open`: the client was at another gateway, and continues here with what its record holds. */
  restore(): void;
  /** @param settled called when the call is over, however it ended */
  call(message: Message, caller: LaneCaller, settled: Settled): void;
  /** Passes on a notification of the client's, or its answer to a request of the server's. */
  tell(message: Message): void;
  /** Cancels the call of a caller. */
  cancel(caller: Caller, reason: GatewayError): void;
  /** Frees what the client holds. Open calls fail with `reason`. */
  close(reason: GatewayError): Promise<void>;
}

/** Where lanes come from. */
export interface LaneSource {
  /** @param ended called when the lane cannot go on */
  lane(client: LaneClient, ended: (reason: GatewayError) => void): Lane;
}

/** What a service's server looks like from outside. */
export interface Status {
  /** Whether the server has shown that it can start, and has not failed since. */
  readonly ready: boolean;
  /** The tools that it listed, or undefined before it has. */
  readonly tools: Tools | undefined;
  /** The version that the server reports; undefined before it has. */
  readonly version: string | undefined;
  /** Why it is not ready, for the operator. */
  readonly error: string | undefined;
  /** The last lines of its stderr when it failed. */
  readonly lastStderr: string | undefined;
  /** What does not work although it is ready, for the operator: "without github (...)". @default nothing */
  readonly partial?: string | undefined;
  /** Whether it answered `initialize`, or a `ping` later, with an error: it may be a server of the modern era. */
  readonly refused: boolean;
}

/** The status of a server that has shown nothing yet. */
export const UNKNOWN: Status = {
  ready: false,
  tools: undefined,
  version: undefined,
  error: undefined,
  lastStderr: undefined,
  refused: false,
};

/** How a service's server is started, watched and ended. */
export interface ServerLife {
  readonly status: Status;
  /** Called after every change of the status. */
  onStatus: (() => void) | undefined;
  /** Whether the server has ever shown that it can serve. */
  readonly hasServed: boolean;
  /** Processes (or upstream connections) at the moment. */
  readonly children: number;
  /** How often the server has ended by itself, which had it started again. @default it is not started here */
  readonly restarts?: number;
  /** Shows that the server can start, and starts the warm spare. Resolves when that has succeeded or failed once. */
  start(): Promise<void>;
  /** Makes sure that `ready` holds now, where a server may go away without a sign. @default the status is always true */
  measure?(): Promise<void>;
  /** Whether it has been ended because nobody used it. @default false */
  readonly rests?: boolean;
  /** Ends what nobody uses; the next call starts it. @default - it costs nothing */
  rest?(): Promise<void>;
  /** Starts a server that all share again after another gateway has executed calls, so that it sees their effects. */
  renew?(): void;
  stop(): Promise<void>;
}

/** How the sessions of one service reach its server. */
export interface Backend extends LaneSource {
  readonly supervisor: ServerLife;
  /** Where calls wait for their turn. @default - they need not */
  readonly queue?: { readonly waiting: number } | undefined;
}

/** Who waits for the answer to a modern request. */
export interface ModernCaller extends LaneCaller {
  readonly principal: Principal;
  /** What its request holds until its response is over. @default - nothing is counted */
  readonly held?: Held | undefined;
  /** The address that it calls from. */
  readonly address: string;
  /** The lowest severity of log messages that it wants; undefined = none (MCP 2026-07-28, Logging). */
  readonly logLevel: string | undefined;
}

/** A service's server, as modern requests see it. */
export interface ModernEndpoint {
  /** Calls that have not been answered, without subscriptions. */
  readonly openCalls: number;
  /** Passes a request on. Its answer, or an error in its place, always reaches the caller. */
  call(request: Message, caller: ModernCaller): void;
  /** Cancels the call of a caller, if it is open. */
  cancel(caller: ModernCaller, reason: GatewayError): void;
  /** Ends subscriptions in good order, then every call. */
  stop(): Promise<void>;
}
