/** `npm start`: the catalog's services on this machine, behind one gateway, with nothing but Node and npm; with Docker also image() servers. */
import { shownCatalog } from "../stacks/project.ts";
import { folder, shown } from "./kit/folder.ts";
import type { GatewayProcess } from "./kit/gateway-process.ts";
import { type ServiceHealth, settledServices } from "./kit/hub.ts";
import { isTaken } from "./kit/ports.ts";
import { progress } from "./kit/progress.ts";
import { claim } from "./kit/running.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { gatewayConfig, gatewayEnvironment, writeConfig } from "./start/gateway-config.ts";
import { removeContainers } from "./start/docker.ts";
import { lastLines, startGateway } from "./start/gateway.ts";
import { npmRunner } from "./start/npm.ts";
import { document, explanations, nextSteps, serviceTable } from "./start/report.ts";
import { prepareMachine } from "./start/servers.ts";
import { onStop } from "./start/stop.ts";
import { print, printTables } from "./kit/print.ts";

const usage = `npx gangway start [--json] [service ...]

Installs the catalog's npm servers into .gangway, starts every service that can run here behind one gateway,
and serves until Ctrl-C. Name the services to start (see ${shownCatalog}); without a name, all of them.

  --json   print one JSON document instead of the table: npx gangway start --json
  --help   print this

Settings come from the environment and .env: .env.example lists them all.`;

export const start = defineVerb({
  name: "gangway start",
  usage,
  flags: { json: "boolean" },
  takesNames: true,
  run: async ({ json = false }, names) => {
    const { services, settings, checkTokens, unusedAtStart } = await readServices(names);
    const hub = `http://127.0.0.1:${settings.hubPort}`;
    const during = progress(json);
    const notices: string[] = [];
    const running = claim(folder.running, { pid: process.pid, hub });
    const stopping = onStop({ alsoWithoutParent: settings.npmProgram !== undefined });
    try {
      notices.push(...settings.notices, ...checkTokens(services, settings), ...unusedAtStart(settings));
      const npm = () => npmRunner(settings.npmProgram, stopping.first);
      const machine = await prepareMachine(services, settings, { npm, during, notice: (line) => notices.push(line) });
      writeConfig(folder.config, gatewayConfig(services, settings, machine));
      const isForeign = await isTaken(settings.hubPort); // then what answers on the port is not our gateway
      if (stopping.first.aborted) return;
      const env = gatewayEnvironment(services, settings);
      const gateway = startGateway({ config: folder.config, log: folder.log, env, stopping });
      const settled = isForeign ? undefined : await during("starting the services", () => settle(hub, gateway));
      if (settled) say(settled, { hub, json, notices, isAsked: settings.bearerTokens.length > 0 });
      await gateway.ended;
      await removeContainers(machine.docker); // of a gateway that was killed
      if (stopping.first.aborted) return json ? undefined : print("\n  stopped");
      if (isForeign) throw new Error(`${lastLines(gateway, 1)}, or set HUB_PORT`);
      throw new Error(`the gateway has ended. The last lines of its log:\n${lastLines(gateway, 5)}`);
    } finally {
      running.release();
    }
  },
});

/** Imported at run time, so that a mistake in the catalog is reported like any other. */
async function readServices(names: readonly string[]) {
  const { pickServices } = await import("../stacks/catalog/define.ts");
  const { readCatalog } = await import("../stacks/catalog/read.ts");
  const { readSettings } = await import("../stacks/settings.ts");
  const { unusedAtStart } = await import("../stacks/catalog/start-variables.ts");
  const { isAskedFor, pickedServices } = await import("../stacks/deployable.ts");
  const { checkTokensHere: checkTokens } = await import("../stacks/tokens.ts");
  const all = await readCatalog();
  const named = pickServices(all, names);
  const settings = readSettings(named, { catalog: Object.values(all) });
  // Who names services on the command line wants just these, whatever SERVICES says.
  const services =
    names.length > 0 ? named : pickedServices(named, settings).filter((service) => isAskedFor(service, settings));
  return { services, settings, checkTokens, unusedAtStart };
}

/** The services once they have settled; undefined if the gateway ends first. */
async function settle(hub: string, gateway: GatewayProcess): Promise<ServiceHealth[] | undefined> {
  const waiting = new AbortController();
  const gone = gateway.ended.then(() => waiting.abort());
  try {
    return await Promise.race([settledServices(hub, waiting.signal), gone.then(() => undefined)]);
  } catch (error) {
    gateway.terminate();
    throw error;
  }
}

interface Occasion {
  readonly hub: string;
  readonly json: boolean;
  readonly notices: readonly string[];
  /** Whether callers are asked for a token. */
  readonly isAsked: boolean;
}

function say(settled: readonly ServiceHealth[], { hub, json, notices, isAsked }: Occasion): void {
  if (json) return print(JSON.stringify(document(settled, hub)));
  const next = nextSteps(settled, hub, shown(folder.log), isAsked);
  printTables(indent(["", ...serviceTable(settled), "", ...explanations(settled), ...notices, ...next, ""].join("\n")));
}
