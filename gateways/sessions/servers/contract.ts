/** What a session asks of the way to its server, whether it has a server of its own or shares one. */
import type { Caller, Settled } from "../../bridge/connection.ts";
import type { Tools } from "../../bridge/tools.ts";
import type { GatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";

/** What is replayed on a new child when a client's own is gone. */
export interface SessionRecord {
  readonly initialize: Message;
  initialized: boolean;
  /** The last logging/setLevel request. */
  logLevel: Message | undefined;
  /** The resources/subscribe requests that hold, by uri. */
  readonly subscriptions: Map<string, Message>;
  /** What is numbered for the client is numbered from here on: beyond all that it has seen at another gateway. */
  readonly countFrom: number;
}

/** The record of a client that has sent nothing else yet. */
export const newRecord = (initialize: Message, countFrom = 0): SessionRecord => ({
  initialize,
  initialized: false,
  logLevel: undefined,
  subscriptions: new Map(),
  countFrom,
});

/** Whom a lane leads to a server: a session, or what stands for clients that have none. */
export interface LaneClient {
  /** The id of the principal that it belongs to. */
  readonly owner: string;
  readonly record: SessionRecord;
  /** A message of the server's that only this client may see, and that belongs to no call for sure. */
  fromServer(message: Message): void;
  /** The server that the lane led to is gone; the next call will find another. */
  serverLeft?(): void;
}

/** One client's way to its server. */
export interface Lane {
  /** Answers the client's `initialize`. Resolves with the answer's text. @throws GatewayError */
  open(): Promise<string>;
  /** Instead of `open`: the client was at another gateway, and goes on here with what its record has. */
  restore(): void;
  /** @param settled called when the call is over, however it ended */
  call(message: Message, caller: Caller, settled: Settled): void;
  /** A notification of the client's, or its answer to a request of the server's. */
  tell(message: Message): void;
  /** Takes back the call of a caller. */
  cancel(caller: Caller, reason: GatewayError): void;
  /** Frees what the client holds. Open calls are answered with `reason`. */
  close(reason: GatewayError): Promise<void>;
}

/** What a service's server looks like from outside. */
export interface Status {
  /** Whether the server has shown that it can start, and has not failed since. */
  readonly ready: boolean;
  /** The tools that it listed, or undefined before it has. */
  readonly tools: Tools | undefined;
  /** What the server says is its version; undefined before it has. */
  readonly version: string | undefined;
  /** Why it is not ready, for the operator. */
  readonly error: string | undefined;
  /** What the server wrote last to its standard error when it failed. */
  readonly lastStderr: string | undefined;
  /** Whether it answered `initialize` with an error: it may be a server of the modern era. */
  readonly refused: boolean;
}

/** A server that has shown nothing yet. */
export const UNKNOWN: Status = {
  ready: false,
  tools: undefined,
  version: undefined,
  error: undefined,
  lastStderr: undefined,
  refused: false,
};

/** How the sessions of one service reach its server. */
export interface Backend {
  readonly status: Status;
  /** Whether its server has ever shown that it can serve. */
  readonly hasServed: boolean;
  /** Processes (or upstream connections) at the moment. */
  readonly children: number;
  /** Shows that the server can start, and starts what should wait warm. Resolves when that has succeeded or failed once. */
  start(): Promise<void>;
  /** A way for a new client. */
  lane(client: LaneClient, ended: (reason: GatewayError) => void): Lane;
  /** Another gateway has executed calls: a server that all share is started again, so that it sees what they did. */
  renew?(): void;
  stop(): Promise<void>;
}
