import { braces, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const kiro: FileClient = {
  id: "kiro",
  title: "Kiro (formerly Amazon Q Developer CLI)",
  checked: { version: "documentation of October 2026", how: "read", unverified: "no Kiro has run it" },
  tokenBy: "reference",
  login: () => "Kiro asks you to log in when it first connects, and opens your browser.",
  kind: "json",
  files: (place) => ({ user: inHome(place, ".kiro", "settings", "mcp.json"), project: ".kiro/settings/mcp.json" }),
  edits: (target) => [
    { at: ["mcpServers", target.name], value: { url: target.url, ...headers(target, braces), disabled: false } },
  ],
  note: ({ token }) => token && "The IDE asks you to approve the variable once.",
};
