import { braces, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const copilot: FileClient = {
  id: "copilot",
  title: "Copilot CLI",
  checked: { version: "1.0.102", how: "live", unverified: "where the file is if XDG_CONFIG_HOME is set" },
  tokenBy: "reference",
  login: () => "Copilot CLI opens your browser when it first connects.",
  kind: "json",
  files: (place) => ({ user: inHome(place, ".copilot", "mcp-config.json"), project: ".mcp.json" }),
  edits: (target) => [
    {
      at: ["mcpServers", target.name],
      value: { type: "http", url: target.url, ...headers(target, braces), tools: ["*"] },
    },
  ],
};
