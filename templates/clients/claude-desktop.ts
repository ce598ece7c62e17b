import { mcpRemoteLogin, throughProgram } from "./bridge.ts";
import { inAppFolder } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const claudeDesktop: FileClient = {
  id: "claude-desktop",
  title: "Claude Desktop",
  checked: {
    version: "documentation of November 2026",
    how: "read",
    unverified: "`gangway connect` was tried with other clients, not with this one",
  },
  tokenBy: "value",
  login: () =>
    `${mcpRemoteLogin("Claude Desktop")()} A service under a domain needs no file: Settings > Connectors (--client claude).`,
  kind: "json",
  files: (place) => ({ user: inAppFolder(place, "Claude", "claude_desktop_config.json") }),
  edits: (target) => [{ at: ["mcpServers", target.name], value: throughProgram(target) }],
  note: ({ token }) =>
    token &&
    'To keep the token out of the file, put it into one of its own, and instead of "env" add to "args": "--token-file", "<file>".',
};
