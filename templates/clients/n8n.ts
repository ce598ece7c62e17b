import type { UiClient } from "./format.ts";

export const n8n: UiClient = {
  id: "n8n",
  title: "n8n",
  checked: { version: "documentation of 2026", how: "read", unverified: "no n8n has run it" },
  tokenBy: "ui",
  kind: "ui",
  text: ({ url, token }) =>
    [
      'Add the node "MCP Client Tool" to an AI agent, or "MCP Client" to a workflow:',
      `  Endpoint: ${url}`,
      "  Server Transport: HTTP Streamable",
      token ? "  Authentication: Bearer Auth, with a credential that holds the token" : "  Authentication: None",
    ].join("\n"),
  note: () => "In a container, 127.0.0.1 is the container itself.",
};
