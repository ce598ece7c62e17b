/** Clients register themselves (RFC 7591). Who tells the same of itself again is the same client. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, type Provider } from "oidc-provider";
import { answerJson, bodyOf, Refusal } from "./http.ts";
import { withoutLoopbackPort } from "./redirects.ts";
import { addClient, findSame, type ClientMetadata } from "./store/clients.ts";
import type { Database } from "./store/database.ts";

/** Answers a registration. @throws Refusal 400, 405, 413, 429 */
export async function register(
  req: IncomingMessage,
  res: ServerResponse,
  { provider, database }: { readonly provider: Provider; readonly database: Database },
): Promise<void> {
  const asked = metadataIn(await bodyOf(req, "application/json"));
  const metadata = normalised(asked);
  await admit(provider, metadata);
  const client = findSame(database, metadata) ?? addClient(database, metadata);
  answerJson(res, 201, {
    ...metadata,
    redirect_uris: asked.redirect_uris,
    client_id: client.id,
    client_id_issued_at: client.created,
  });
}

function metadataIn(body: string): ClientMetadata {
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    throw new Refusal(400, "invalid_client_metadata", "the body is not JSON");
  }
  const { redirect_uris: uris } = (read ?? {}) as { redirect_uris?: unknown };
  if (Array.isArray(uris) && uris.length > 0 && uris.every((uri) => typeof uri === "string" && URL.canParse(uri)))
    return read as ClientMetadata;
  throw new Refusal(400, "invalid_redirect_uri", "redirect_uris: expected a list of URLs");
}

/** Of what clients tell, this is kept. */
const KEPT = [
  "client_name",
  "client_uri",
  "logo_uri",
  "tos_uri",
  "policy_uri",
  "contacts",
  "software_id",
  "software_version",
];

/** Every client that registers itself is a public one: a secret would have to be kept, and proves nothing. */
function normalised(asked: ClientMetadata): ClientMetadata {
  const kept = KEPT.filter((key) => asked[key] !== undefined).map((key) => [key, asked[key]]);
  return {
    ...Object.fromEntries(kept),
    redirect_uris: [...new Set(asked.redirect_uris.map(withoutLoopbackPort))],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
}

/** @throws Refusal when oidc-provider would not take it */
async function admit(provider: Provider, metadata: ClientMetadata): Promise<void> {
  try {
    await (provider.Client as unknown as { validate(metadata: object): Promise<void> }).validate({
      ...metadata,
      client_id: "new",
    });
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    throw new Refusal(400, error.error, error.error_description ?? "the client's metadata is invalid");
  }
}
