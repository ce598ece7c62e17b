import { headers, type Dialect } from "./dialects.ts";
import { inHome } from "./folders.ts";
import type { FileClient } from "./format.ts";

const secret: Dialect = ({ variable }) => `\${{ secrets.${variable} }}`;

export const continueDev: FileClient = {
  id: "continue",
  title: "Continue",
  checked: { version: "CLI 1.5.47", how: "live", unverified: "no IDE has run it" },
  tokenBy: "reference",
  kind: "yaml",
  files: (place) => ({ user: inHome(place, ".continue", "config.yaml") }),
  edits: (target) => [
    {
      at: ["mcpServers"],
      by: "name",
      is: target.name,
      value: {
        name: target.name,
        type: "streamable-http",
        url: target.url,
        ...(target.token && { requestOptions: headers(target, secret) }),
      },
    },
  ],
  note: ({ token }) => token && "The variable may also be a line of ~/.continue/.env.",
};
