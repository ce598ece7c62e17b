import type { UiClient } from "./format.ts";

export const chatgpt: UiClient = {
  id: "chatgpt",
  title: "ChatGPT",
  checked: { version: "documentation of November 2026", how: "read", unverified: "no ChatGPT has run it" },
  tokenBy: "ui",
  login: () => "ChatGPT opens your browser for the login as soon as the app is created.",
  kind: "ui",
  text: ({ name, url, token, hasLogin }) =>
    token
      ? `Not possible with a token: ChatGPT sends none of one's own. Give ${name} logins: auth: ["oauth", "bearer"] in its entry.`
      : [
          "Settings > Apps > Advanced settings: turn on developer mode. Then Settings > Apps > Create:",
          `  Name: ${name}`,
          `  MCP server URL: ${url}`,
          `  Authentication: ${hasLogin ? "OAuth" : "None"}`,
        ].join("\n"),
  note: () => "ChatGPT calls from its own cloud, so it reaches neither localhost nor a private network.",
};
