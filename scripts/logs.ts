/** `gangway logs`: the log of what runs here, for people on a terminal and as it is written in a pipe. */
import { namesIn } from "../stacks/catalog/pick.ts";
import { lineForPeople } from "../gateways/log-line.ts";
import { paintFor } from "../gateways/colours.ts";
import { folder } from "./kit/folder.ts";
import { WrongUse } from "./kit/arguments.ts";
import { printTables } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";
import { linesOfContainers } from "./logs/containers.ts";
import { linesOfFile } from "./logs/file.ts";

const usage = `npx gangway logs [--follow] [--lines <number>] [--docker] [--json] [service ...]

Shows the log of \`npx gangway start\` in this project, of all its services or of those that you name.

  --follow   go on as lines are written, until Ctrl-C
  --lines    how many of the last lines to begin with [100]
  --docker   of the deployment to this machine's Docker instead
  --json     the lines as they are written, as in a pipe
  --help     print this`;

export const logs = defineVerb({
  name: "gangway logs",
  usage,
  flags: { follow: "boolean", lines: "string", docker: "boolean", json: "boolean" },
  takesNames: true,
  completes: "services",
  keepsFiles: false,
  run: async ({ follow = false, lines = "100", docker = false, json = false }, names) => {
    if (!/^\d+$/.test(lines)) throw new WrongUse(`--lines: got ${lines}, expected a number`);
    const wanted = { services: namesIn(names), last: Number(lines), follow };
    const paint = paintFor(process.stdout);
    const show = (line: string) => printTables(json || !process.stdout.isTTY ? line : lineForPeople(line, paint));
    process.stdout.on("error", () => process.exit()); // --follow does not go on for nobody
    await (docker ? linesOfContainers(wanted, show) : linesOfFile(folder.log, wanted, show));
  },
});
