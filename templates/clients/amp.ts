import { braces, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const amp: FileClient = {
  id: "amp",
  title: "Amp",
  checked: {
    version: "0.0.1790142911",
    how: "read",
    unverified: "it connects with an account only; the variable in the header",
  },
  tokenBy: "reference",
  login: () => "Amp opens your browser when it first connects.",
  kind: "jsonc",
  files: (place) => ({ user: inHome(place, ".config", "amp", "settings.json") }),
  edits: (target) => [{ at: ["amp.mcpServers", target.name], value: { url: target.url, ...headers(target, braces) } }],
};
