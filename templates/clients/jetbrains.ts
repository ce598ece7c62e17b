import { mcpRemoteLogin, throughProgram } from "./bridge.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const jetbrains: FileClient = {
  id: "jetbrains",
  title: "JetBrains AI Assistant",
  checked: {
    version: "documentation of 2026",
    how: "read",
    unverified: "no IDE has run it; whether it sends headers, so with a token it goes through `gangway connect`",
  },
  tokenBy: "value",
  login: mcpRemoteLogin("the IDE"),
  kind: "json",
  files: () => ({}),
  edits: (target) => [
    {
      at: ["mcpServers", target.name],
      value: target.token || target.hasLogin ? throughProgram(target) : { url: target.url },
    },
  ],
  note: () => "Paste it into Settings > Tools > AI Assistant > Model Context Protocol (MCP) > Add.",
};

export const junie: FileClient = {
  id: "junie",
  title: "JetBrains Junie",
  checked: { version: "documentation of 2026", how: "read", unverified: "no IDE has run it" },
  tokenBy: "value",
  login: mcpRemoteLogin("Junie"),
  kind: "json",
  files: (place) => ({ user: inHome(place, ".junie", "mcp", "mcp.json"), project: ".junie/mcp/mcp.json" }),
  edits: (target) => [{ at: ["mcpServers", target.name], value: throughProgram(target) }],
};
