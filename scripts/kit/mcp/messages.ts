/** The words of MCP that every client here sends: revisions, heads, the first message, the metadata. */

export type Id = string | number;

/** A JSON-RPC message, as far as a client looks into it. */
export interface Message {
  readonly id?: Id | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The last revision with sessions. */
export const LATEST = "2025-11-25";
/** The first revision without. */
export const MODERN = "2026-07-28";

/** The media types that a client of Streamable HTTP must accept. */
export const ACCEPT = "application/json, text/event-stream";

/** What a client calls itself. */
export interface ClientInfo {
  readonly name: string;
  readonly version: string;
}

/** The parameters of `initialize`. */
export const initializeParams = (clientInfo: ClientInfo, protocolVersion = LATEST, capabilities: object = {}) => ({
  protocolVersion,
  capabilities,
  clientInfo,
});

const PREFIX = "io.modelcontextprotocol";

/** The key in `_meta` that names the subscription of a notification. */
export const SUBSCRIPTION = `${PREFIX}/subscriptionId`;

/** MCP 2026-07-28: what each request says of itself, in `_meta`. */
export const modernMeta = (clientInfo: ClientInfo, version = MODERN): Record<string, unknown> => ({
  [`${PREFIX}/protocolVersion`]: version,
  [`${PREFIX}/clientInfo`]: clientInfo,
  [`${PREFIX}/clientCapabilities`]: {},
});

/**
 * MCP 2026-07-28, Streamable HTTP, "Request Metadata": what the body says is repeated in the head.
 * @param name the tool, prompt or resource, where the method has one
 */
export const modernHeaders = (method: string, name?: string, version = MODERN): Record<string, string> => ({
  "mcp-protocol-version": version,
  "mcp-method": method,
  ...(name !== undefined && { "mcp-name": name }),
});
