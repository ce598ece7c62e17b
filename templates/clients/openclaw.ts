import { braces, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient, Target } from "./format.ts";

const entryOf = (target: Target) => ({
  url: target.url,
  transport: "streamable-http",
  ...headers(target, braces),
});

export const openclaw: FileClient = {
  id: "openclaw",
  title: "OpenClaw",
  checked: { version: "2026.9.6", how: "live", unverified: "a call" },
  tokenBy: "reference",
  kind: "jsonc",
  files: (place) => ({ user: inHome(place, ".openclaw", "openclaw.json") }),
  edits: (target) => [{ at: ["mcp", "servers", target.name], value: entryOf(target) }],
  command: (target) => ["openclaw", "mcp", "set", target.name, JSON.stringify(entryOf(target))],
};
