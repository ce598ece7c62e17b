import type { SnippetClient } from "./format.ts";
import { shellLine } from "./shell.ts";

export const wscat: SnippetClient = {
  id: "wscat",
  title: "wscat (WebSocket)",
  checked: { version: "6.1.0", how: "live" },
  tokenBy: "reference",
  kind: "sh",
  text: ({ url, token }) => {
    const socket = url.replace(/^http/, "ws").replace(/\/mcp$/, "/ws");
    const header = token ? ` -H "Authorization: Bearer $${token.variable}"` : "";
    return [
      `npx -y wscat -c ${shellLine([socket])} -s mcp${header} \\`,
      `  -x '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}' \\`,
      `  -x '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'`,
    ].join("\n");
  },
  note: () => "Without the two lines of -x it waits for what you type.",
};
