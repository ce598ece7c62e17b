/** Clients register themselves (RFC 7591). Who tells the same of itself again is the same client. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, type Provider } from "oidc-provider";
import { answerJson, bodyOf, OPEN, Refusal } from "../http.ts";
import type { Logger } from "../../gateways/log.ts";
import { auditAuth } from "../audit.ts";
import type { ClientAddresses } from "../client-address.ts";
import type { Limits } from "../limits.ts";
import { withoutLoopbackPort } from "./redirects.ts";
import { newId } from "../ids.ts";
import type { ClientMetadata, RegisteredClient } from "../store/contract/clients.ts";
import type { Store } from "../store/store.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** What registers clients. */
export interface Registrar {
  readonly provider: Provider;
  readonly store: Pick<Store, "clients">;
  readonly limits: Limits;
  readonly addresses: ClientAddresses;
  readonly log: Logger;
}

/** Answers a registration. @throws Refusal 400, 405, 413, 429 */
export async function register(req: IncomingMessage, res: ServerResponse, registrar: Registrar): Promise<void> {
  for (const [name, value] of Object.entries(OPEN)) res.setHeader(name, value); // also for refusals
  const asked = metadataIn(await bodyOf(req, "application/json", LARGEST));
  const metadata = normalised(asked);
  const known = await registrar.store.clients.ofFingerprint(fingerprintOf(metadata));
  const client = known ?? (await addNew(metadata, registrar.addresses.of(req), registrar));
  answerJson(res, 201, {
    ...metadata,
    redirect_uris: asked.redirect_uris,
    client_id: client.id,
    client_id_issued_at: client.created,
  });
}

async function addNew(metadata: ClientMetadata, address: string, registrar: Registrar): Promise<RegisteredClient> {
  const { provider, store, limits, log } = registrar;
  await admit(provider, metadata);
  limits.admitRegistration(kindOf(metadata), address);
  const client = await store.clients.add({ id: newId(), fingerprint: fingerprintOf(metadata), metadata });
  auditAuth(log, "client-registered", {
    client: client.id,
    clientName: nameOf(metadata),
    address,
    redirect: metadata.redirect_uris[0],
  });
  return client;
}

const nameOf = ({ client_name: name }: ClientMetadata) => (typeof name === "string" ? name : undefined);

/** Clients of one kind share a limit: their name, and the hosts to which they send users. */
function kindOf(metadata: ClientMetadata): string {
  const hosts = metadata.redirect_uris.map((uri) => new URL(uri).host);
  return JSON.stringify([nameOf(metadata), ...new Set(hosts)]).slice(0, 500);
}

function metadataIn(body: string): ClientMetadata {
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    throw new Refusal(400, "invalid_client_metadata", "the body is not JSON");
  }
  const metadata = (read ?? {}) as Record<string, unknown>;
  const { redirect_uris: uris } = metadata;
  if (!Array.isArray(uris) || uris.length === 0 || !uris.every(isPlainUrl))
    throw new Refusal(400, "invalid_redirect_uri", "redirect_uris: expected a list of URLs");
  const wrong = KEPT.find((key) => !isTold(metadata[key]));
  if (wrong !== undefined) throw new Refusal(400, "invalid_client_metadata", `${wrong}: expected text`);
  return metadata as ClientMetadata;
}

/** A parser would take the line breaks out of a URL that has some, and it would be another one than was registered. */
const isPlainUrl = (uri: unknown) => typeof uri === "string" && !/[\s\p{Cc}]/u.test(uri) && URL.canParse(uri);

/** Text, or the texts of a list. Nothing else is looked into, however deep it is. */
const isTold = (value: unknown): boolean => [value ?? ""].flat().every((one) => typeof one === "string");

/** Bytes of a registration: thousands are kept. */
const LARGEST = 16_384;

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
