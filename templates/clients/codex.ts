import { inHome, join } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const codex: FileClient = {
  id: "codex",
  title: "Codex",
  checked: { version: "0.171.0", how: "live" },
  tokenBy: "reference",
  login: ({ name }) => `Codex opens your browser when it adds the server; later: codex mcp login ${name}.`,
  kind: "toml",
  files: (place) => {
    const moved = place.env["CODEX_HOME"];
    return {
      user: moved ? join(place, moved, "config.toml") : inHome(place, ".codex", "config.toml"),
      project: ".codex/config.toml",
    };
  },
  edits: ({ name, url, token }) => [
    { at: ["mcp_servers", name], value: { url, ...(token && { bearer_token_env_var: token.variable }) } },
  ],
  command: ({ name, url, token }) => [
    "codex",
    "mcp",
    "add",
    name,
    "--url",
    url,
    ...(token === undefined ? [] : ["--bearer-token-env-var", token.variable]),
  ],
  note: () => "The Codex IDE extension and ChatGPT for the desktop read the same file.",
};
