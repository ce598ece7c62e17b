import { dollarEnv, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const cursor: FileClient = {
  id: "cursor",
  title: "Cursor",
  checked: { version: "documentation of October 2026", how: "read", unverified: "no Cursor has run it" },
  tokenBy: "reference",
  login: () => "Then in Cursor's settings, under MCP: Connect. Cursor opens your browser.",
  kind: "json",
  files: (place) => ({ user: inHome(place, ".cursor", "mcp.json"), project: ".cursor/mcp.json" }),
  edits: (target) => [{ at: ["mcpServers", target.name], value: { url: target.url, ...headers(target, dollarEnv) } }],
};
