import { braces, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const hermes: FileClient = {
  id: "hermes",
  title: "Hermes",
  checked: { version: "0.19.0", how: "live" },
  tokenBy: "reference",
  kind: "yaml",
  files: (place) => ({ user: inHome(place, ".hermes", "config.yaml") }),
  edits: (target) => [{ at: ["mcp_servers", target.name], value: { url: target.url, ...headers(target, braces) } }],
};
