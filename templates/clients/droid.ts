import { braces, headers } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const droid: FileClient = {
  id: "droid",
  title: "Factory droid",
  checked: { version: "0.215.0", how: "live", unverified: "a call: it needs an account" },
  tokenBy: "reference",
  login: ({ name }) => `Then in droid: /mcp, ${name}, Authenticate. It opens your browser.`,
  kind: "json",
  files: (place) => ({ user: inHome(place, ".factory", "mcp.json"), project: ".factory/mcp.json" }),
  edits: (target) => [
    {
      at: ["mcpServers", target.name],
      value: { type: "http", url: target.url, ...headers(target, braces), disabled: false },
    },
  ],
};
