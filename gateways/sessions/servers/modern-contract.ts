/** What the transport asks of a service for requests of the modern era, which has no sessions. */
import type { Caller } from "../../bridge/connection.ts";
import { LOG_LEVELS } from "../../bridge/versions.ts";
import type { GatewayError } from "../../errors.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Principal } from "../session.ts";

/** Who waits for the answer to a modern request. */
export interface ModernCaller extends Caller {
  readonly principal: Principal;
  /** The address that it calls from. */
  readonly address: string;
  /** The least severe log messages that it wants to have; undefined = none (MCP 2026-07-28, Logging). */
  readonly logLevel: string | undefined;
}

/** A service's server, as modern requests see it. */
export interface ModernEndpoint {
  /** Calls that have not been answered, without those that only listen. */
  readonly openCalls: number;
  /** Passes a request on. Its answer, or an error that stands for it, reaches the caller in any case. */
  call(request: Message, caller: ModernCaller): void;
  /** Takes back the call of a caller, if it is open. */
  cancel(caller: ModernCaller, reason: GatewayError): void;
  /** Ends what listens in good order, and every call. */
  stop(): Promise<void>;
}

/** Whether a log message is severe enough for who asked for `level` and above. */
export const isWanted = (severity: string, level: string): boolean =>
  LOG_LEVELS.indexOf(severity) >= LOG_LEVELS.indexOf(level);
