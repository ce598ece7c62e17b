import { braces, headers } from "./dialects.ts";
import type { FileClient } from "./format.ts";

export const librechat: FileClient = {
  id: "librechat",
  title: "LibreChat",
  checked: {
    version: "documentation of 2026",
    how: "read",
    unverified: "no LibreChat has run it; whether a private address needs mcpSettings.allowedDomains",
  },
  tokenBy: "reference",
  kind: "yaml",
  files: () => ({ project: "librechat.yaml" }),
  edits: (target) => [
    {
      at: ["mcpServers", target.name],
      value: { type: "streamable-http", url: target.url, ...headers(target, braces) },
    },
  ],
  note: ({ token }) =>
    `The file is in LibreChat's folder${token ? ", and the variable goes into its .env" : ""}. In a container, 127.0.0.1 is the container itself.`,
};
