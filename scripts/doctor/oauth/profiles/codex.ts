import { codeAndRefresh, type OAuthClient, PATIENT } from "./profile.ts";

const redirects = ["http://127.0.0.1:{port}/callback/{callback}"];

export const codex: OAuthClient = {
  id: "codex",
  title: "Codex",
  source: {
    from: "openai/codex#20237, #30460 (a callback id behind the path), #31038; opencode#47737, #47743 (its document)",
    date: "2026-09-07",
    unverified: "its user agent, and what its document says of redirects",
  },
  isHosted: false,
  name: "codex-mcp-client",
  comparesResource: "prefix",
  probesServicePath: true,
  registration: {
    client_name: "Codex",
    redirect_uris: redirects,
    token_endpoint_auth_method: "none",
    ...codeAndRefresh,
  },
  redirects,
  asksOfflineAccess: false,
  refreshesInParallel: false,
  timeout: PATIENT,
};
