import type { SnippetClient } from "./format.ts";
import { shellLine } from "./shell.ts";

export const curl: SnippetClient = {
  id: "curl",
  title: "curl",
  checked: { version: "7.88", how: "live" },
  tokenBy: "reference",
  kind: "sh",
  text: ({ url, token }) => {
    const words = [
      shellLine([url]),
      ...(token ? [`-H "Authorization: Bearer $${token.variable}"`] : []),
      '-H "Content-Type: application/json"',
    ].join(" ");
    return [
      `SESSION=$(curl -si ${words} \\`,
      `  -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}' | tr -d '\\r' | sed -n 's/^mcp-session-id: //p')`,
      `curl -s ${words} -H "Mcp-Session-Id: $SESSION" \\`,
      `  -d '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'`,
    ].join("\n");
  },
};
