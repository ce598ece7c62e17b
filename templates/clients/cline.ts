import { dollarEnv, headers, literal } from "./dialects.ts";
import { inHome, join } from "./folders.ts";
import type { FileClient, Place } from "./format.ts";

const FILE = "cline_mcp_settings.json";

/** The extension and the CLI read the same file. */
function fileOf(place: Place): string {
  const { CLINE_MCP_SETTINGS_PATH: file, CLINE_DATA_DIR: data, CLINE_DIR: folder } = place.env;
  if (file) return file;
  return data
    ? join(place, data, "settings", FILE)
    : join(place, folder || inHome(place, ".cline"), "data", "settings", FILE);
}

export const cline: FileClient = {
  id: "cline",
  title: "Cline",
  checked: {
    version: "source of August 2026",
    how: "read",
    unverified: "no VS Code has run the extension",
  },
  tokenBy: "reference",
  kind: "json",
  files: (place) => ({ user: fileOf(place) }),
  // Without a type it takes the URL for that of the older HTTP with SSE.
  edits: (target) => [
    {
      at: ["mcpServers", target.name],
      value: { type: "streamableHttp", url: target.url, ...headers(target, dollarEnv), disabled: false },
    },
  ],
  note: ({ token }) =>
    token && "This is for the extension of VS Code: the CLI fills in no variables (--client cline-cli).",
};

export const clineCli: FileClient = {
  id: "cline-cli",
  title: "Cline CLI",
  checked: { version: "3.0.65", how: "live" },
  tokenBy: "value",
  login: () => "Cline opens your browser when it first connects.",
  kind: "json",
  files: (place) => ({ user: fileOf(place) }),
  edits: (target) => [
    {
      at: ["mcpServers", target.name],
      value: {
        transport: { type: "streamableHttp", url: target.url, ...headers(target, literal) },
        disabled: false,
      },
    },
  ],
};
