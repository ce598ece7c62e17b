/** `gangway logs`: the log of what runs, for people on a terminal and as JSON in a pipe. */
import { namesIn } from "../stacks/catalog/pick.ts";
import { lineForPeople } from "../gateways/log-line.ts";
import { paintFor } from "../gateways/colours.ts";
import { deployedPlaces, deploymentAt, ENV_HELP, placeNamed, type Place } from "./deploy/deployments.ts";
import { folder } from "./kit/folder.ts";
import { WrongUse } from "./kit/arguments.ts";
import { printTables, tell } from "./kit/print.ts";
import { whoRuns } from "./kit/running.ts";
import { defineVerb } from "./kit/verb.ts";
import { linesOfContainers } from "./logs/containers.ts";
import { linesOfFile } from "./logs/file.ts";
import { asJson } from "./logs/line.ts";
import { readMatch, readSince } from "./logs/wanted.ts";

const usage = `npx gangway logs [--env <place>] [--follow] [flags] [service ...]

Shows the log of all services, or of those that you name: what npx gangway start
writes, or, of a deployment, the lines of gateway, server and egress proxy of every
release that is there, as they were written. nginx-proxy and cloudflared go by name.

${ENV_HELP}
               [the first of them that there is]
  --follow     go on as lines are written, until Ctrl-C
  --lines      how many of the last lines to begin with [100]
  --since      only lines from then on: 15m, 2h, 3d, or 2026-11-30T08:00
  --grep       only lines in which this regular expression is found
  --audit      only who connected, called and was refused
  --json       JSON lines, as in a pipe
  --help       print this`;

export const logs = defineVerb({
  name: "gangway logs",
  usage,
  flags: {
    env: "string",
    follow: "boolean",
    lines: "string",
    since: "string",
    grep: "string",
    audit: "boolean",
    json: "boolean",
  },
  takesNames: true,
  completes: "services",
  keepsFiles: false,
  endsAtOnce: true,
  run: async ({ env, follow = false, lines = "100", since, grep, audit = false, json = false }, names) => {
    if (!/^\d{1,9}$/.test(lines)) throw new WrongUse(`--lines: got ${lines}, expected a number`);
    const wanted = {
      services: namesIn(names),
      last: Number(lines),
      follow,
      since: since === undefined ? undefined : readSince(since),
      matches: readMatch(grep, audit),
    };
    const place = placeNamed(env) ?? firstPlace();
    const paint = paintFor(process.stdout);
    const isForPeople = !json && process.stdout.isTTY;
    const show = (line: string) => printTables(isForPeople ? lineForPeople(line, paint) : line);
    process.stdout.on("error", () => process.exit()); // --follow does not go on for nobody
    if (place === "local") return linesOfFile(folder.log, wanted, show);
    const deployment = await deploymentAt(place);
    if (isForPeople) tell(`  ${deployment.where}:`);
    return linesOfContainers(deployment, wanted, (line) => show(asJson(line, isForPeople)));
  },
});

/** What runs here comes first; of what does not run any more there is still the log of `npx gangway start`. */
const firstPlace = (): Place => (whoRuns(folder.running) === undefined ? (deployedPlaces()[0] ?? "local") : "local");
