import type { UiClient } from "./format.ts";

export const chatgpt: UiClient = {
  id: "chatgpt",
  title: "ChatGPT",
  checked: { version: "documentation of November 2026", how: "read", unverified: "no ChatGPT has run it" },
  tokenBy: "ui",
  kind: "ui",
  text: ({ name, url, token }) =>
    token
      ? "Not possible yet: ChatGPT sends no token of one's own, and Gangway has no OAuth."
      : [
          "Settings > Apps > Advanced settings: turn on developer mode. Then Settings > Apps > Create:",
          `  Name: ${name}`,
          `  MCP server URL: ${url}`,
          "  Authentication: None",
        ].join("\n"),
  note: () => "ChatGPT calls from its own cloud, so it reaches neither localhost nor a private network.",
};
