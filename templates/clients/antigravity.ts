import { headers, literal } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const antigravity: FileClient = {
  id: "antigravity",
  title: "Antigravity (IDE and agy)",
  checked: {
    version: "documentation of August 2026",
    how: "read",
    unverified: "nothing has run it; whether a header may name a variable; older IDEs read `~/.gemini/antigravity/`",
  },
  tokenBy: "value",
  kind: "json",
  files: (place) => ({
    user: inHome(place, ".gemini", "config", "mcp_config.json"),
    project: ".agents/mcp_config.json",
  }),
  edits: (target) => [
    { at: ["mcpServers", target.name], value: { serverUrl: target.url, ...headers(target, literal) } },
  ],
  // A token in a command would stay in the shell's history.
  command: (target) => (target.token ? undefined : ["agy", "mcp", "add", target.name, target.url]),
};
