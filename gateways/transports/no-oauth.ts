/**
 * Where OAuth clients look when they have no token, and what a server without OAuth tells them there: of all its answers, this is
 * the one that they show to people.
 */
import { GatewayError } from "../errors.ts";
import { encode } from "../jsonrpc.ts";
import type { Exchange } from "./exchange.ts";

const WELL_KNOWN = "/.well-known/";

/** RFC 9728, RFC 8414 and OpenID Connect Discovery. Clients put a service's path before or after these. */
const DOCUMENTS = ["oauth-protected-resource", "oauth-authorization-server", "openid-configuration"];

/** Where clients go without metadata (MCP 2025-03-26, Authorization, "Fallbacks for Servers without Metadata Discovery"). */
const ENDPOINTS: ReadonlySet<string> = new Set(["/register", "/authorize", "/token"]);

/** Whether a path is one on which OAuth clients ask. */
export function isOAuthPath(path: string): boolean {
  const start = path.indexOf(WELL_KNOWN);
  if (start >= 0) return DOCUMENTS.some((name) => isBelow(path.slice(start + WELL_KNOWN.length), name));
  const below = path.startsWith("/mcp/") ? path.slice("/mcp".length) : path;
  return ENDPOINTS.has(below.length > 1 && below.endsWith("/") ? below.slice(0, -1) : below);
}

const isBelow = (path: string, name: string) => path === name || path.startsWith(`${name}/`);

/**
 * Says that there is no OAuth, where a token is needed in the form of an OAuth error (RFC 6749, section 5.2), whose code is one on
 * which no client tries again.
 * @throws GatewayError `no-login` where none is needed
 */
export function answerOAuth(exchange: Exchange, takesToken: boolean): void {
  if (!takesToken) throw new GatewayError("no-login");
  const { status, message } = new GatewayError("no-oauth");
  const text = encode({ error: "invalid_request", error_description: message });
  exchange.json(status, text, { "cache-control": "no-store" });
}
