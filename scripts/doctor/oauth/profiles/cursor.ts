import { codeAndRefresh, type OAuthClient, PATIENT } from "./profile.ts";

const redirects = [
  "http://localhost:8787/callback",
  "https://www.cursor.com/agents/mcp/oauth/callback",
  "cursor://anysphere.cursor-mcp/oauth/callback",
];

export const cursor: OAuthClient = {
  id: "cursor",
  title: "Cursor",
  source: {
    from: "accounted#2225 and agent-connector-for-wp#111 (three redirects in one registration), openwork#3059",
    date: "2026-09-11",
    unverified: "its user agent, and how it compares resource",
  },
  isHosted: false,
  name: "cursor-vscode",
  comparesResource: "prefix",
  registration: {
    client_name: "Cursor",
    redirect_uris: redirects,
    token_endpoint_auth_method: "none",
    ...codeAndRefresh,
  },
  redirects,
  asksOfflineAccess: false,
  refreshesInParallel: false,
  timeout: PATIENT,
};
