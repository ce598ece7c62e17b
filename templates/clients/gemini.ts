import { dollar, headers, headerWords } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const gemini: FileClient = {
  id: "gemini",
  title: "Gemini CLI",
  checked: { version: "0.61.0", how: "live" },
  tokenBy: "reference",
  login: ({ name }) => `Then in Gemini CLI: /mcp auth ${name}. It opens your browser.`,
  kind: "jsonc",
  files: (place) => ({ user: inHome(place, ".gemini", "settings.json"), project: ".gemini/settings.json" }),
  edits: (target) => [
    { at: ["mcpServers", target.name], value: { type: "http", url: target.url, ...headers(target, dollar) } },
  ],
  command: (target) => [
    ..."gemini mcp add --transport http --scope user".split(" "),
    ...headerWords(target, dollar),
    target.name,
    target.url,
  ],
};
