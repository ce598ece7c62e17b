/** What the bridge asks of a connection to an MCP server, whatever carries it: a child's pipes or an upstream's HTTP. */

/** One open connection to an MCP server. */
export interface Link {
  /** What it is called in the log: `memory[4711]`. */
  readonly label: string;
  /** What the server said last beside its messages, for the log. Undefined where there is no such place. */
  readonly lastStderr?: string;
  /**
   * Sends one message (a line, see jsonrpc.ts).
   * @throws GatewayError when it cannot be taken now
   */
  send(message: string): void;
  /** Ends it. Resolves when all that it held is gone. Safe to call twice. */
  close(): Promise<void>;
}

/** What a connection tells. */
export interface LinkEvents {
  /** One message of the server's. */
  message(text: string): void;
  /** The connection ended by itself; `send` is over. Called once at most, and never after `close`. */
  closed(error: LinkClosed): void;
}

/** Why a connection ended by itself. */
export interface LinkClosed {
  /** For the caller: `exit code 1`, `killed by SIGKILL`. No internals. */
  readonly reason: string;
  /** For the log: the server's last words. */
  readonly lastStderr: string;
}

/** Opens a connection. The server may not have started yet when it returns. */
export type OpenLink = (events: LinkEvents) => Link;
