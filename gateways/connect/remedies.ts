/** What the user of `gangway connect` does about an answer that is no MCP. */
import type { Remedies } from "../bridge/upstream-refusal.ts";

const TOKEN =
  "Set its bearer token as MCP_BEARER_TOKEN, or name where it is: --token-file <file>, --token-env <variable>.";

export const remedies: Remedies = {
  secret: "the token",
  sse: "Its page or whoever runs it has the URL for MCP clients.",
  check: "Check the token: it may be another server's, or have been rotated.",
  token: TOKEN,
  oauth: `It takes OAuth, which needs a browser and is not offered here: use a token if it takes one. ${TOKEN}`,
  busy: "Call less often, or ask whoever runs it for a higher limit.",
  redirect:
    "If that is a login page, the URL is for browsers: ask for the URL for MCP clients, or set a token. If it is where the server has moved, connect to that URL: a token is never sent to another origin.",
};
