/** `npx gangway history`: what was done to the deployments of a host, by whom, and how it ended. */
import { readSettings } from "../stacks/settings.ts";
import { askEngine } from "./deploy/engine-words.ts";
import { stackOf } from "./deploy/stacks.ts";
import { addressNow } from "./deploy/where.ts";
import { lockOn, told } from "./history/lock.ts";
import { readHistory } from "./history/records.ts";
import { historyTable } from "./history/table.ts";
import { WrongUse } from "./kit/arguments.ts";
import { print, printTables } from "./kit/print.ts";
import { indent, terminalWidth } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway history [--limit <number>] [--json] [stack]

Shows what was done to a host, the newest first: deploys, rollbacks, destroys,
how they ended, and who has the host's lock now. Without a stack, or with local,
it asks this machine's Docker (or DOCKER_HOST); with edge or services, the
droplet or SERVER.

The host keeps the last 500 in its Docker volume gangway-state. No destroy
removes it, except that of a droplet, which goes as a whole.

  --limit  how many to show [20]
  --json   print one JSON document, with releases by their digests
  --help   print this

Exit code: 0 shown, 1 the host could not be asked.`;

export const history = defineVerb({
  name: "gangway history",
  usage,
  flags: { limit: "string", json: "boolean" },
  takesNames: true,
  completes: "stacks",
  keepsFiles: false,
  run: async ({ limit = "20", json = false }, names) => {
    if (!/^[1-9]\d*$/.test(limit)) throw new WrongUse(`--limit: got ${limit}, expected a number`);
    const engine = askEngine(await addressNow(stackOf(names, "history"), readSettings([])));
    const [records, lock] = [(await readHistory(engine)).slice(0, Number(limit)), await lockOn(engine)];
    if (json) return print(JSON.stringify({ lock: lock ?? null, records }, undefined, 2));
    if (records.length === 0) print("  nothing has been deployed there yet");
    else
      printTables(
        indent(["", ...historyTable(records, process.stdout.isTTY ? terminalWidth() : Infinity), ""].join("\n")),
      );
    if (lock !== undefined) print(`  ${told(lock)}${lock.abandoned === undefined ? "" : `; ${lock.abandoned}`}`);
  },
});
