/** What clients read first (RFC 8414). */
import { OFFLINE_ACCESS } from "../gateways/auth/introspection.ts";
import { paths } from "./provider.ts";
import type { Resources } from "./resources.ts";

const WELL_KNOWN = "/.well-known/oauth-authorization-server";

/**
 * Clients look below the path of a service, too. There is no OpenID configuration: there are no ID tokens, and a document
 * without them breaks clients that would have read this one (quilombo#140).
 */
export const isMetadataPath = (path: string): boolean => path === WELL_KNOWN || path.startsWith(`${WELL_KNOWN}/`);

/** The metadata. Everything in it comes from the settings, nothing from a request. */
export const metadataOf = (issuer: string, resources: Resources): object => ({
  issuer,
  authorization_endpoint: issuer + paths.authorization,
  token_endpoint: issuer + paths.token,
  registration_endpoint: issuer + paths.registration,
  revocation_endpoint: issuer + paths.revocation,
  jwks_uri: issuer + paths.jwks,
  scopes_supported: [...resources.all.map(({ service }) => service), OFFLINE_ACCESS],
  response_types_supported: ["code"],
  response_modes_supported: ["query", "form_post"],
  grant_types_supported: ["authorization_code", "refresh_token"],
  // Claude takes a metadata document for its client only if `none` is here, ChatGPT signs its requests unless it is alone.
  token_endpoint_auth_methods_supported: ["none"],
  revocation_endpoint_auth_methods_supported: ["none"],
  code_challenge_methods_supported: ["S256"],
  client_id_metadata_document_supported: true,
  authorization_response_iss_parameter_supported: true,
});
