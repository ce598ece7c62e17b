import { headers, literal } from "./dialects.ts";
import { inAppData, inConfig, inHome } from "./folders.ts";
import type { FileClient, Place } from "./format.ts";

function fileOf(place: Place): string {
  if (place.os === "win32") return inAppData(place, "Zed", "settings.json");
  return place.os === "darwin"
    ? inHome(place, ".config", "zed", "settings.json")
    : inConfig(place, "zed", "settings.json");
}

export const zed: FileClient = {
  id: "zed",
  title: "Zed",
  checked: { version: "source of August 2026", how: "read", unverified: "no Zed has run it" },
  tokenBy: "value",
  login: () => "Zed asks you to log in when it first connects, and opens your browser.",
  kind: "jsonc",
  files: (place) => ({ user: fileOf(place) }),
  edits: (target) => [
    { at: ["context_servers", target.name], value: { url: target.url, ...headers(target, literal) } },
  ],
};
