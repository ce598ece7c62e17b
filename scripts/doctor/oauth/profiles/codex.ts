import { codeAndRefresh, type OAuthClient, PATIENT } from "./profile.ts";

const redirects = ["http://127.0.0.1:{port}/callback/{callback}"];

export const codex: OAuthClient = {
  id: "codex",
  title: "Codex",
  source: {
    from: "openai/codex#20237, #30460 (a callback id behind the path), #38089 and speakeasy gram#5516 (a document for each service since 0.148.0), elmo#684",
    date: "2026-09-03",
    unverified: "its user agent, and the path of its document's redirects",
  },
  isHosted: false,
  name: "codex-mcp-client",
  comparesResource: "prefix",
  probesServicePath: true,
  document: {
    url: "https://chatgpt.com/oauth/codex/{callback}/client.json",
    says: {
      client_name: "Codex",
      redirect_uris: ["http://127.0.0.1/callback/{callback}"],
      token_endpoint_auth_method: "none",
      ...codeAndRefresh,
    },
  },
  registration: {
    client_name: "Codex",
    redirect_uris: redirects,
    token_endpoint_auth_method: "none",
    application_type: "native",
    ...codeAndRefresh,
  },
  redirects,
  asksOfflineAccess: false,
  refreshesInParallel: false,
  timeout: PATIENT,
};
