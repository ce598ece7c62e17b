import { dollarEnv, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const windsurf: FileClient = {
  id: "windsurf",
  title: "Windsurf (Cascade)",
  checked: { version: "documentation of October 2026", how: "read", unverified: "no Windsurf has run it" },
  tokenBy: "reference",
  login: () => "Windsurf opens your browser when it first connects.",
  kind: "json",
  files: (place) => ({ user: inHome(place, ".codeium", "windsurf", "mcp_config.json") }),
  edits: (target) => [
    { at: ["mcpServers", target.name], value: { serverUrl: target.url, ...headers(target, dollarEnv) } },
  ],
  note: () => "Devin Desktop, its successor, has a file of its own: --client devin.",
};
