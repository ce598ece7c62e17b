/** `npx gangway tools`: what the tools of a service are, and what they want. */
import { documentOf } from "./call/said.ts";
import { toolLines } from "./call/tool-list.ts";
import { open } from "./call/target.ts";
import { WrongUse } from "./kit/arguments.ts";
import { print, printTables } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { indent, terminalWidth } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway tools <service or URL> [--json]

Lists the tools of a service that runs here, started or deployed to this machine's Docker, or of any MCP endpoint, with
their arguments.

  npx gangway tools memory
  npx gangway tools http://127.0.0.1:9000/mcp

  --token-file <file>   the bearer token, where the services of this machine have none that fits
  --json                print the list as the server gives it
  --help                print this`;

export const tools = defineVerb({
  name: "gangway tools",
  usage,
  flags: { json: "boolean", "token-file": "string" },
  takesNames: true,
  completes: "services",
  run: async ({ json = false, "token-file": tokenFile }, [what, ...more]) => {
    if (what === undefined || more.length > 0)
      throw new WrongUse("expected one service or URL, as in: npx gangway tools memory");
    const during = progress(json || !process.stderr.isTTY);
    const listed = await during(`asking ${what}`, async () => {
      const endpoint = await open({ what, tokenFile });
      try {
        return await endpoint.tools();
      } finally {
        await endpoint.close();
      }
    });
    if (json) print(documentOf({ tools: listed }));
    else printTables(indent(toolLines(listed, terminalWidth() - 2).join("\n")));
  },
});
