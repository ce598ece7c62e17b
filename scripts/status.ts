/** `gangway status`: what runs where, started by `gangway start` or deployed, here and on the host of a domain. */
import { setTimeout as sleep } from "node:timers/promises";
import { readCatalog } from "../stacks/catalog/read.ts";
import { deployedServices } from "../stacks/deployed.ts";
import { readPins } from "../stacks/images/pins.ts";
import { readSettings } from "../stacks/settings.ts";
import { deployedPlaces, deploymentAt, ENV_HELP, type Place, placeNamed } from "./deploy/deployments.ts";
import { redWatch } from "./history/red-watch.ts";
import { folder } from "./kit/folder.ts";
import { clearScreen, print, printTables } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { whoRuns } from "./kit/running.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { type DeploymentState, stateOf } from "./status/deployment.ts";
import { problemsIn, type Report, type Silent } from "./status/problems.ts";
import { askStarted, type Started } from "./status/started.ts";
import { deploymentTable, otherLines, startTable } from "./status/tables.ts";

const usage = `npx gangway status [--env <place>] [--watch] [--json]

Shows what runs where: each service with its release, since when it runs, whether
it is pinned, its sessions, the calls of the last hour, memory, restarts and
certificate; the tunnel, and maintenance. Asks all places where this project runs.

${ENV_HELP}
  --watch      look again every 2 seconds, until Ctrl-C; with NOTIFY_URL, a chat
               is told what is red for 2 minutes, and when it is well again
  --json       print one JSON document; with --watch, one in each line
  --help       print this

Exit code: 0 something runs and all is well, 1 nothing runs or something is not.`;

/** Seconds between two looks. */
const PAUSE = 2;

export const status = defineVerb({
  name: "gangway status",
  usage,
  flags: { env: "string", watch: "boolean", json: "boolean" },
  keepsFiles: false,
  run: async ({ env, watch = false, json = false }) => {
    const place = placeNamed(env);
    process.stdout.on("error", () => process.exit()); // --watch does not go on for nobody
    const report = await progress(json)("asking what runs", () => lookAt(place));
    show(report, { json, watch });
    if (watch) await lookAgain(place, json);
    const runs = report.start !== undefined || report.deployments.length > 0;
    return runs && problemsIn(report).size === 0 ? 0 : 1;
  },
});

async function lookAgain(place: Place | undefined, json: boolean): Promise<never> {
  const red = redWatch(readSettings([]));
  for (;;) {
    await sleep(PAUSE * 1_000);
    const report = await lookAt(place);
    show(report, { json, watch: true });
    await red?.saw(problemsIn(report));
  }
}

async function lookAt(place: Place | undefined): Promise<Report> {
  const running = place === undefined || place === "local" ? whoRuns(folder.running) : undefined;
  const places = place === undefined ? deployedPlaces() : place === "local" ? [] : [place];
  const [start, ...deployments] = await Promise.all([running && askStarted(running), ...places.map(askPlace)]);
  return { start, deployments };
}

/** A place that does not answer is no reason not to show the others. */
async function askPlace(place: Exclude<Place, "local">): Promise<DeploymentState | Silent> {
  try {
    const services = Object.values(await readCatalog());
    const deployment = await deploymentAt(place);
    const known = {
      services: deployedServices(place, services, readSettings(services)),
      pins: readPins()[deployment.stack] ?? {},
    };
    return await stateOf(deployment, known);
  } catch (error) {
    return { environment: place, problem: (error as Error).message };
  }
}

/** On a terminal, each look takes the place of the one before. */
function show(report: Report, { json, watch }: { readonly json: boolean; readonly watch: boolean }): void {
  if (json) return print(JSON.stringify(report, undefined, watch ? undefined : 2));
  if (watch) clearScreen();
  printTables(indent(screen(report).join("\n")));
}

function screen({ start, deployments }: Report): readonly string[] {
  if (start === undefined && deployments.length === 0) return ["", NOTHING, ""];
  return ["", ...(start === undefined ? [] : [...startLines(start), ""]), ...deployments.flatMap(deploymentLines)];
}

const NOTHING = "Nothing of this project runs: npx gangway start, or npx gangway deploy local";

function startLines(start: Started): readonly string[] {
  const memory = start.memory === undefined ? "" : `, ${Math.round(start.memory / 1024 ** 2)} MB`;
  return [`npx gangway start (pid ${start.pid}${memory}) serves ${start.hub}`, "", ...startTable(start)];
}

function deploymentLines(one: DeploymentState | Silent): readonly string[] {
  if ("problem" in one) return [`${one.environment} does not answer: ${one.problem}`, ""];
  if (one.services.every(({ state }) => state === "needs" || state === "not deployed"))
    return [`Nothing is deployed to ${one.where}.`, ""];
  return [`Deployed to ${one.where}:`, "", ...deploymentTable(one), "", ...otherLines(one), ""];
}
