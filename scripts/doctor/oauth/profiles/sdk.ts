import { codeAndRefresh, type OAuthClient, PATIENT } from "./profile.ts";

const redirects = ["http://localhost:{port}/callback"];

/** What most agents are built with. */
export const sdk: OAuthClient = {
  id: "sdk",
  title: "TypeScript SDK 1.x",
  source: { from: "@modelcontextprotocol/sdk 1.32.2, client/auth.js", date: "2026-10-23" },
  isHosted: false,
  userAgent: "node",
  name: "mcp-client",
  comparesResource: "prefix",
  registration: {
    client_name: "MCP client",
    redirect_uris: redirects,
    token_endpoint_auth_method: "none",
    ...codeAndRefresh,
  },
  redirects,
  asksOfflineAccess: false,
  refreshesInParallel: true,
  timeout: PATIENT,
};
