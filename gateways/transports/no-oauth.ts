/**
 * Where OAuth clients look when they have no token, and what a server without OAuth tells them there: of all its answers, this is
 * the one that they show to people.
 */
import { GatewayError } from "../errors.ts";
import { encode } from "../jsonrpc.ts";
import type { Exchange } from "./exchange.ts";

const WELL_KNOWN = "/.well-known/";

/** RFC 9728, RFC 8414 and OpenID Connect Discovery. Clients put a service's path before or after these. */
const DOCUMENTS = ["oauth-protected-resource", "oauth-authorization-server", "openid-configuration"] as const;

/**
 * Where clients go without metadata (MCP 2025-03-26, Authorization, "Fallbacks for Servers without Metadata Discovery"), and
 * what the metadata call each.
 */
const ENDPOINTS: ReadonlyMap<string, OAuthEndpoint> = new Map([
  ["/register", "registration_endpoint"],
  ["/authorize", "authorization_endpoint"],
  ["/token", "token_endpoint"],
  ["/oauth/register", "registration_endpoint"],
  ["/oauth/authorize", "authorization_endpoint"],
  ["/oauth/token", "token_endpoint"],
] as const);

export type OAuthEndpoint = "registration_endpoint" | "authorization_endpoint" | "token_endpoint";

/** What an OAuth client asks for. */
export interface OAuthQuestion {
  readonly about: (typeof DOCUMENTS)[number] | OAuthEndpoint;
  /** The path of the resource that it means: `/mcp`, on a hub `/memory/mcp`; empty when it does not say. */
  readonly path: string;
}

/** @returns undefined when no OAuth client asks for such a path, which may be below a service's */
export function questionAt(path: string): OAuthQuestion | undefined {
  const start = path.indexOf(WELL_KNOWN);
  if (start >= 0) return documentAt(path.slice(0, start), path.slice(start + WELL_KNOWN.length));
  const below = path.startsWith("/mcp/") ? path.slice("/mcp".length) : path;
  const about = ENDPOINTS.get(below.length > 1 && below.endsWith("/") ? below.slice(0, -1) : below);
  return about && { about, path: "" };
}

function documentAt(before: string, rest: string): OAuthQuestion | undefined {
  const about = DOCUMENTS.find((name) => rest === name || rest.startsWith(`${name}/`));
  return about && { about, path: before + rest.slice(about.length).replace(/\/$/, "") };
}

/** What an OAuth client asks with a request; undefined for any other. */
export const oauthQuestion = ({ path }: Exchange): OAuthQuestion | undefined => questionAt(path);

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
