/** The subprotocols that a WebSocket client offers (RFC 6455, section 11.3.4), among them its token. */
import type { IncomingHttpHeaders } from "node:http";

/** The one that is spoken here: one JSON-RPC message of MCP a text frame. */
export const SUBPROTOCOL = "mcp";

/** Before the token of a client that can send no header, as a page in a browser. */
const BEARER = "bearer.";

/** All that a client offers, with its token. */
export const offeredProtocols = (headers: IncomingHttpHeaders): string[] =>
  (headers["sec-websocket-protocol"] ?? "").split(",").flatMap((name) => name.trim() || []);

/** The Authorization header that stands for the token among the subprotocols; undefined = there is none. */
export function authorizationIn(headers: IncomingHttpHeaders): string | undefined {
  const offered = offeredProtocols(headers).find((name) => name.startsWith(BEARER));
  return offered === undefined ? undefined : `Bearer ${offered.slice(BEARER.length)}`;
}
