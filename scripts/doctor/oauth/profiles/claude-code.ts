import { codeAndRefresh, type OAuthClient } from "./profile.ts";

export const claudeCode: OAuthClient = {
  id: "claude-code",
  title: "Claude Code",
  source: {
    from: "Claude Code 2.1.332 as it logged in to us; claude-code#37747, #37767, #64705, #66511, #90370 (the document without ports and application_type), #65408",
    date: "2026-11-30",
  },
  isHosted: false,
  userAgent: "claude-code/2.1.332 (cli)",
  name: "claude-code",
  comparesResource: "exact",
  document: {
    url: "https://claude.ai/oauth/claude-code-client-metadata",
    says: {
      client_name: "Claude Code",
      redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
      token_endpoint_auth_method: "none",
      ...codeAndRefresh,
    },
  },
  registration: {
    client_name: "Claude Code",
    redirect_uris: ["http://localhost:{port}/callback"],
    token_endpoint_auth_method: "none",
    application_type: "native",
    ...codeAndRefresh,
  },
  redirects: ["http://localhost:{port}/callback", "http://127.0.0.1:{port}/callback"],
  asksOfflineAccess: true,
  refreshesInParallel: true,
  timeout: 10_000,
};
