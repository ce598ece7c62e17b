/** What a service with logins tells OAuth clients: where its users log in. Every page may read it, as no secret is in it. */
import type { Called, OAuthDocuments } from "./auth/auth.ts";
import { endpointIn } from "./auth/server-metadata.ts";
import { GatewayError } from "./errors.ts";
import { encode } from "./jsonrpc.ts";
import type { Exchange } from "./transports/exchange.ts";
import { answerOAuth, type OAuthEndpoint, type OAuthQuestion } from "./transports/no-oauth.ts";

/** A service with logins, and where a client has asked for it. */
export interface LoginPlace {
  readonly documents: OAuthDocuments;
  readonly called: Called;
}

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, POST",
  "access-control-allow-headers": "Accept, Authorization, Content-Type, MCP-Protocol-Version",
  "access-control-max-age": "600",
};

/** @throws GatewayError `auth-server-away`, `method-not-allowed` */
export async function answerWithLogins(exchange: Exchange, { about }: OAuthQuestion, place: LoginPlace): Promise<void> {
  exchange.addHeaders(CORS);
  if (exchange.method === "OPTIONS") return exchange.empty(204);
  if (about === "openid-configuration") return answerOAuth(exchange, true);
  if (about.endsWith("_endpoint")) return sendOn(exchange, about as OAuthEndpoint, place.documents);
  if (!exchange.isSafe) throw new GatewayError("method-not-allowed", { method: exchange.method, allow: "GET, HEAD" });
  if (about === "oauth-protected-resource")
    return exchange.json(200, encode(place.documents.resourceMetadata(place.called)));
  const { bytes } = await place.documents.serverMetadata();
  exchange.json(200, bytes.toString("latin1"));
}

/** Clients of MCP 2025-03-26 take the service's host for the authorization server. They are sent there, and nowhere else. */
async function sendOn(exchange: Exchange, about: OAuthEndpoint, documents: OAuthDocuments): Promise<void> {
  const endpoint = endpointIn(await documents.serverMetadata(), about);
  if (endpoint === undefined) throw new GatewayError("not-found", { path: exchange.path, base: "" });
  const query = new URL(exchange.req.url ?? "/", "http://any").search;
  const location = `${endpoint}${endpoint.includes("?") ? query.replace("?", "&") : query}`;
  exchange.empty(exchange.isSafe ? 302 : 307, { location });
}
