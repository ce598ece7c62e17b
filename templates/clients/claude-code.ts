import { braces, headers, headerWords } from "./dialects.ts";
import { inHome, join } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const claudeCode: FileClient = {
  id: "claude-code",
  title: "Claude Code",
  checked: { version: "2.1.332", how: "live" },
  tokenBy: "reference",
  login: ({ name }) => `Then in Claude Code: /mcp, ${name}, Authenticate. Claude Code opens your browser.`,
  kind: "json",
  files: (place) => {
    const moved = place.env["CLAUDE_CONFIG_DIR"];
    return {
      user: moved ? join(place, moved, ".claude.json") : inHome(place, ".claude.json"),
      project: ".mcp.json",
    };
  },
  edits: (target) => [
    { at: ["mcpServers", target.name], value: { type: "http", url: target.url, ...headers(target, braces) } },
  ],
  // --header takes all words that follow, so it comes last.
  command: (target) => [
    ..."claude mcp add --transport http --scope user".split(" "),
    target.name,
    target.url,
    ...headerWords(target, braces),
  ],
};
