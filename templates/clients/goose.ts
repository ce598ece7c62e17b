import { braces, headers } from "./dialects.ts";
import { inAppData, inConfig, inHome } from "./folders.ts";
import type { FileClient, Place } from "./format.ts";

function fileOf(place: Place): string {
  if (place.os === "win32") return inAppData(place, "Block", "goose", "config", "config.yaml");
  return place.os === "darwin"
    ? inHome(place, ".config", "goose", "config.yaml")
    : inConfig(place, "goose", "config.yaml");
}

export const goose: FileClient = {
  id: "goose",
  title: "Goose",
  checked: {
    version: "documentation of August 2026",
    how: "read",
    unverified: "no Goose has run it; the variable in the header",
  },
  tokenBy: "reference",
  kind: "yaml",
  files: (place) => ({ user: fileOf(place) }),
  edits: (target) => [
    {
      at: ["extensions", target.name],
      value: {
        enabled: true,
        type: "streamable_http",
        name: target.name,
        uri: target.url,
        ...headers(target, braces),
        ...(target.token && { env_keys: [target.token.variable] }),
        timeout: 300,
      },
    },
  ],
};
