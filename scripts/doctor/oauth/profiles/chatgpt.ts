import { codeAndRefresh, type OAuthClient, PATIENT } from "./profile.ts";

export const chatgpt: OAuthClient = {
  id: "chatgpt",
  title: "ChatGPT",
  source: {
    from: "developers.openai.com/plugins/build/auth; altinity-mcp#118 (its document), gamedev.pl#641, omi#8824, quilombo#140",
    date: "2026-09-15",
    unverified:
      "its user agent, how long it waits, and whether it always falls back to none (engram#1637 saw that it did not)",
  },
  isHosted: true,
  userAgent: "openai-mcp/1.0.0",
  name: "openai-mcp",
  comparesResource: "exact",
  needsCompleteOidc: true,
  document: {
    url: "https://chatgpt.com/oauth/client.json",
    needsIss: true,
    says: {
      client_name: "ChatGPT",
      redirect_uris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
      token_endpoint_auth_signing_alg: "RS256",
      jwks_uri: "https://chatgpt.com/oauth/jwks.json",
      ...codeAndRefresh,
    },
    redirects: ["https://chatgpt.com/connector_platform_oauth_redirect"],
  },
  registration: {
    client_name: "ChatGPT",
    redirect_uris: ["https://chatgpt.com/connector/oauth/{callback}"],
    token_endpoint_auth_method: "none",
    ...codeAndRefresh,
  },
  redirects: ["https://chatgpt.com/connector/oauth/{callback}"],
  asksOfflineAccess: true,
  refreshesInParallel: false,
  timeout: PATIENT,
};
