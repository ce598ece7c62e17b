/** `gangway status`: what runs here from this project, started by `gangway start` or deployed to this machine's Docker. */
import { type Container, containersHere } from "./kit/containers.ts";
import { folder } from "./kit/folder.ts";
import { askHub, type ServiceHealth } from "./kit/hub.ts";
import { print, printTables } from "./kit/print.ts";
import { type Running, whoRuns } from "./kit/running.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { containerTable, startTable } from "./status/tables.ts";

const usage = `npx gangway status [--json]

Shows the services that \`npx gangway start\` runs in this project, and the containers of a deployment to this machine's
Docker.

  --json   print one JSON document
  --help   print this

Exit code: 0 something runs and nothing has failed, 1 nothing runs or something has failed.`;

export const status = defineVerb({
  name: "gangway status",
  usage,
  flags: { json: "boolean" },
  keepsFiles: false,
  run: async ({ json = false }) => {
    const running = whoRuns(folder.running);
    const [services, containers] = await Promise.all([servicesOf(running), containersHere()]);
    if (json) print(JSON.stringify({ start: running && { ...running, services }, containers }, undefined, 2));
    else printTables(indent(screen(running, services, containers).join("\n")));
    return isWell(services, containers) ? 0 : 1;
  },
});

async function servicesOf(running: Running | undefined): Promise<readonly ServiceHealth[]> {
  return running === undefined ? [] : ((await askHub(running.hub))?.services ?? []);
}

function isWell(services: readonly ServiceHealth[], containers: readonly Container[]): boolean {
  const runs = services.some(({ state }) => state === "up") || containers.some(({ state }) => state === "running");
  return (
    runs && services.every(({ state }) => state !== "failed") && containers.every(({ state }) => state === "running")
  );
}

function screen(
  running: Running | undefined,
  services: readonly ServiceHealth[],
  containers: readonly Container[],
): readonly string[] {
  const start =
    running === undefined
      ? ["npx gangway start does not run in this project."]
      : [`npx gangway start (pid ${running.pid}) serves ${running.hub}`, "", ...startTable(services)];
  const docker =
    containers.length === 0
      ? ["Nothing is deployed to this machine's Docker: npx gangway deploy local"]
      : ["Deployed to this machine's Docker:", "", ...containerTable(containers)];
  return ["", ...start, "", ...docker, ""];
}
