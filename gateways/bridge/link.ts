import type { GatewayError } from "../errors.ts";

/** One open connection to an MCP server, over a child's pipes or an upstream's HTTP. */
export interface Link {
  /** Its name in the log: `memory[4711]`. */
  readonly label: string;
  /** The last lines of the server's stderr, for the log. Undefined for an upstream. */
  readonly lastStderr?: string;
  /** What is wrong with a server that does not start and what to do, if what it wrote tells. Whole sentences. */
  readonly hint?: string | undefined;
  /** The HTTP status with which an upstream refused `initialize`, if it did. */
  readonly refusedWith?: number | undefined;
  /** Notes that a text which it passed on turned out not to be a message. */
  noMessage?(text: string): void;
  /**
   * Sends one message (a line, see jsonrpc.ts).
   * @throws GatewayError when the server does not keep up
   */
  send(message: string): void;
  /** Ends the connection. Resolves when its process or session is gone. Safe to call twice. */
  close(): Promise<void>;
}

/** What a connection reports. */
export interface LinkEvents {
  /**
   * One message from the server.
   * @param bytes the same as it came, if it is long: so it can be sent on without a copy
   * @param of the id of the request that it belongs to, as that was sent, where the transport tells
   */
  message(text: string, bytes?: Buffer, of?: string): void;
  /** A request will get no answer, for a reason that the gateway gives. @param id the request's id, as it was sent */
  failed(id: string, error: GatewayError): void;
  /** The connection ended by itself; `send` does nothing any more. Called at most once, and never after `close`. */
  closed(error: LinkClosed): void;
}

/** Why a connection ended by itself. */
export interface LinkClosed {
  /** For the caller: `exit code 1`, `killed by SIGKILL`. No internals. */
  readonly reason: string;
  /** For the log: the last lines of stderr. */
  readonly lastStderr: string;
  /** What is wrong and what to do, if what the server wrote tells. Whole sentences. */
  readonly hint?: string | undefined;
  /** Whether its process could not even be started. @default false */
  readonly neverRan?: boolean;
  /** Whether that was because its sandbox could not be made: it has read nothing. @default false */
  readonly noSandbox?: boolean;
  /** Requests, as they were sent, that have surely not run. @default none */
  readonly notRun?: readonly string[];
}

/**
 * Opens a connection. The server may not have started yet when it returns.
 * @param credential what the server is given in place of its service's own secret @default - that secret
 */
export type OpenLink = (events: LinkEvents, credential?: string) => Link;
