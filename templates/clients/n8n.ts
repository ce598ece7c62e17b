import type { UiClient } from "./format.ts";

export const n8n: UiClient = {
  id: "n8n",
  title: "n8n",
  checked: { version: "documentation of 2026", how: "read", unverified: "no n8n has run it" },
  tokenBy: "ui",
  login: () => "n8n opens your browser for the login when you connect the credential.",
  kind: "ui",
  text: ({ url, token, hasLogin }) =>
    [
      'Add the node "MCP Client Tool" to an AI agent, or "MCP Client" to a workflow:',
      `  Endpoint: ${url}`,
      "  Server Transport: HTTP Streamable",
      `  Authentication: ${token ? "Bearer Auth, with a credential that holds the token" : hasLogin ? "MCP OAuth2" : "None"}`,
    ].join("\n"),
  note: () => "In a container, 127.0.0.1 is the container itself.",
};
