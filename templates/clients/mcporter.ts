import { braces, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const mcporter: FileClient = {
  id: "mcporter",
  title: "mcporter",
  checked: { version: "0.12.3", how: "live", unverified: "a call" },
  tokenBy: "reference",
  kind: "jsonc",
  files: (place) => ({ user: inHome(place, ".mcporter", "mcporter.json"), project: "config/mcporter.json" }),
  edits: (target) => [{ at: ["mcpServers", target.name], value: { baseUrl: target.url, ...headers(target, braces) } }],
};
