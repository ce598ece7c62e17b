import { dollar, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const qwen: FileClient = {
  id: "qwen",
  title: "Qwen Code",
  checked: { version: "0.24.4", how: "live" },
  tokenBy: "reference",
  kind: "jsonc",
  files: (place) => ({ user: inHome(place, ".qwen", "settings.json"), project: ".qwen/settings.json" }),
  // `url` means the older HTTP with SSE there.
  edits: (target) => [{ at: ["mcpServers", target.name], value: { httpUrl: target.url, ...headers(target, dollar) } }],
};
