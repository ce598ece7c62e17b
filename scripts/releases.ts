/** `gangway releases`: what has served of a service, and can be returned to. */
import { readPins } from "../stacks/images/pins.ts";
import { releasesOf, runningRelease } from "../stacks/provision/releases.ts";
import { DEPLOYMENT_HELP, oneDeployment } from "./deploy/deployments.ts";
import { readHistory } from "./history/records.ts";
import { oneService } from "./kit/arguments.ts";
import { print, printTables } from "./kit/print.ts";
import { indent, renderTable } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { type Row, rowsOf } from "./releases/rows.ts";

const usage = `npx gangway releases [--env <place>] [--json] <service>

Lists the releases of a service that the engine still has, the newest first: when
each took over, its images, whether it serves, and who deployed it from which
commit. npx gangway rollback <service> returns to the one before that which serves.

${DEPLOYMENT_HELP}
  --json       print one JSON document
  --help       print this

Exit code: 0 there are releases, 1 there are none.`;

export const releases = defineVerb({
  name: "gangway releases",
  usage,
  flags: { env: "string", json: "boolean" },
  takesNames: true,
  completes: "services",
  keepsFiles: false,
  run: async ({ env, json = false }, names) => {
    const service = oneService(names, "releases");
    const deployment = await oneDeployment(env, "npx gangway start has no releases: only a deployment has");
    const { ask, stack, label, where, environment } = deployment;
    const [all, running, records] = await Promise.all([
      releasesOf(service, ask),
      runningRelease(service, ask),
      readHistory(ask),
    ]);
    const history = records.filter((one) => one.deployment === label);
    const rows = rowsOf(service, all, { running, pinned: readPins()[stack]?.[service], history });
    if (json) print(JSON.stringify({ service, environment, releases: rows }));
    else if (rows.length === 0)
      print(
        `${service} has no release in ${where}: it was never deployed there, or it is an app, whose image is not ours`,
      );
    else printTables(indent(["", `${service} in ${where}:`, "", ...table(rows), ""].join("\n")));
    return rows.length > 0 ? 0 : 1;
  },
});

function table(rows: readonly Row[]): string[] {
  const head = ["time", "gateway", "server", "result", "by", "commit"];
  const lines = rows.map(({ time, release: { gateway, server, auth }, result, who = "", commit = "" }) => [
    time.replace("T", " ").replace(/\.\d+Z$/, "Z"),
    gateway ?? auth ?? "",
    server ?? "",
    result,
    who,
    commit,
  ]);
  return renderTable([head, ...lines].map((line) => line.map((text) => ({ text }))));
}
