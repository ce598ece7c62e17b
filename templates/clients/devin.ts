import { headers, literal } from "./dialects.ts";
import { inAppData, inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const devin: FileClient = {
  id: "devin",
  title: "Devin Desktop (formerly Windsurf)",
  checked: {
    version: "documentation of October 2026",
    how: "read",
    unverified: "no Devin has run it; whether a header may name a variable",
  },
  tokenBy: "value",
  login: ({ name }) => `Then: devin mcp login ${name}. It opens your browser.`,
  kind: "json",
  files: (place) => ({
    user:
      place.os === "win32"
        ? inAppData(place, "devin", "mcp_config.json")
        : inHome(place, ".config", "devin", "mcp_config.json"),
    project: ".devin/mcp_config.json",
  }),
  edits: (target) => [
    { at: ["mcpServers", target.name], value: { url: target.url, transport: "http", ...headers(target, literal) } },
  ],
};
