import { codeAndRefresh, type OAuthClient } from "./profile.ts";

const redirects = ["https://claude.ai/api/mcp/auth_callback"];

export const claude: OAuthClient = {
  id: "claude",
  title: "Claude (web, desktop, mobile)",
  source: {
    from: "claude.com/docs/connectors/building/authentication; claude-ai-mcp#49, #96 (its authorization request), #136, #228, #335, #680",
    date: "2026-09-02",
    unverified:
      "every member of its document but the redirect; some of its requests have no user agent (claude-ai-mcp#923)",
  },
  isHosted: true,
  userAgent: "Claude-User",
  name: "Anthropic",
  comparesResource: "exact",
  document: {
    url: "https://claude.ai/oauth/mcp-oauth-client-metadata",
    says: {
      client_name: "Claude",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"],
      token_endpoint_auth_method: "none",
      ...codeAndRefresh,
    },
  },
  registration: {
    client_name: "Claude",
    redirect_uris: redirects,
    token_endpoint_auth_method: "none",
    ...codeAndRefresh,
  },
  redirects,
  asksOfflineAccess: true,
  refreshesInParallel: true,
  needsLongTokens: true,
  timeout: 10_000,
};
