import { codeAndRefresh, type OAuthClient, PATIENT } from "./profile.ts";

const redirects = ["http://127.0.0.1:{port}/callback/{callback}"];

export const codex: OAuthClient = {
  id: "codex",
  title: "Codex",
  source: {
    from:
      "Codex 0.171.0 as it logged in to us; openai/codex#20237, #30460, #38089 and speakeasy gram#5516 (where iss is not " +
      "supported: a document and a redirect of each service), elmo#684 (its registration)",
    date: "2026-11-30",
    unverified: "what its document says of redirects",
  },
  isHosted: false,
  userAgent: "codex-mcp-client/0.171.0",
  name: "codex-mcp-client",
  comparesResource: "prefix",
  probesServicePath: true,
  document: {
    url: "https://chatgpt.com/oauth/codex/client.json",
    needsIss: true,
    says: {
      client_name: "Codex",
      redirect_uris: ["http://127.0.0.1/callback"],
      token_endpoint_auth_method: "none",
      ...codeAndRefresh,
    },
    redirects: ["http://127.0.0.1:{port}/callback"],
  },
  registration: {
    client_name: "Codex",
    redirect_uris: redirects,
    token_endpoint_auth_method: "none",
    application_type: "native",
    ...codeAndRefresh,
  },
  redirects,
  asksOfflineAccess: true,
  promptsConsent: false,
  refreshesInParallel: false,
  timeout: PATIENT,
};
