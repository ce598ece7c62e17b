import type { UiClient } from "./format.ts";

/** The web, the desktop app and the phones share what is connected in one of them. */
export const claude: UiClient = {
  id: "claude",
  title: "Claude (web, desktop, mobile)",
  checked: { version: "documentation of November 2026", how: "read", unverified: "no Claude has run it" },
  tokenBy: "ui",
  login: () => "Claude opens your browser for the login when you press Connect.",
  kind: "ui",
  text: ({ name, url, token }) =>
    token
      ? `Not possible with a token: Claude sends none of one's own. Give ${name} logins: auth: ["oauth", "bearer"] in its entry.`
      : [
          "Settings > Connectors > Add custom connector:",
          `  Name: ${name}`,
          `  Remote MCP server URL: ${url}`,
          "Then Connect. Leave the advanced settings empty.",
        ].join("\n"),
  note: () =>
    "Claude calls from its own cloud (160.79.104.0/21), so it reaches neither localhost nor a private network.",
};
