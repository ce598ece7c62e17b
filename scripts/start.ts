/** `npm start`: the catalog's services on this machine, behind one gateway, with nothing but Node and npm. */
import { parseArguments } from "./kit/arguments.ts";
import { folder, project, shown } from "./kit/folder.ts";
import { gatewayConfig, referredSecrets, writeConfig } from "./start/gateway-config.ts";
import { Gateway } from "./start/gateway.ts";
import { isTaken, type ServiceHealth, settledServices } from "./kit/hub.ts";
import { npmRunner } from "./start/npm.ts";
import { progress } from "./kit/progress.ts";
import { document, explanations, nextSteps, serviceTable } from "./start/report.ts";
import { claim } from "./kit/running.ts";
import { prepareMachine } from "./start/servers.ts";
import { onStop } from "./start/stop.ts";

const usage = `npm start [-- [--json] [service ...]]

Installs the catalog's npm servers into .gangway, starts every service that can run here behind one gateway,
and serves until Ctrl-C. Services go by their names in stacks/services.ts; without a name, all of them.

  --json   print one JSON document instead of the table: npm start --silent -- --json
  --help   print this

Settings come from the environment and .env: .env.example has them all.`;

async function start(argv: readonly string[]): Promise<void> {
  const { help, json, names } = parseArguments(argv, "start");
  if (help) return console.log(usage);
  const { services, settings } = await readCatalog(names);
  const hub = `http://127.0.0.1:${settings.hubPort}`;
  const during = progress(json);
  const notices: string[] = [];
  const running = claim(folder.running, { pid: process.pid, hub });
  const stopping = onStop({ alsoWithoutParent: settings.npmProgram !== undefined });
  try {
    const npm = () => npmRunner(settings.npmProgram, stopping.first);
    const machine = await prepareMachine(services, { npm, during, notice: (line) => notices.push(line) });
    writeConfig(folder.config, gatewayConfig(services, settings, machine));
    const isForeign = await isTaken(settings.hubPort);
    if (stopping.first.aborted) return;
    const env = settings.environmentWith(referredSecrets(services, settings));
    const gateway = new Gateway({ project, config: folder.config, log: folder.log, env, stopping });
    const settled = isForeign ? undefined : await during("starting the services", () => settle(hub, gateway));
    if (settled) say(settled);
    if ((await gateway.gone) === "stopped") return json ? undefined : console.log("\n  stopped");
    if (isForeign) throw new Error(`${gateway.lastWords(1)}, or set HUB_PORT`);
    throw new Error(`the gateway has ended. Its last words:\n${gateway.lastWords(5)}`);
  } finally {
    running.release();
  }

  function say(settled: readonly ServiceHealth[]): void {
    if (json) return console.log(JSON.stringify(document(settled, hub)));
    const next = nextSteps(settled, hub, shown(folder.log), settings.bearerToken !== undefined);
    const lines = ["", ...serviceTable(settled), "", ...explanations(settled), ...notices, ...next, ""];
    console.log(lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n"));
  }
}

/** Imported only now, so that a mistake in the catalog is told like every other one. */
async function readCatalog(names: readonly string[]) {
  const { pickServices } = await import("../stacks/catalog/entry.ts");
  const catalog = await import("../stacks/services.ts");
  const { readSettings } = await import("../stacks/settings.ts");
  const services = pickServices(catalog.services, names);
  return { services, settings: readSettings(services) };
}

/** The services once they have settled; undefined when the gateway went away before. */
async function settle(hub: string, gateway: Gateway): Promise<ServiceHealth[] | undefined> {
  const waiting = new AbortController();
  const gone = gateway.gone.then(() => waiting.abort());
  try {
    return await Promise.race([settledServices(hub, waiting.signal), gone.then(() => undefined)]);
  } catch (error) {
    gateway.stop();
    throw error;
  }
}

await start(process.argv.slice(2)).catch((error: Error) => {
  // Node says where a slip of the pen is only on the first line of the stack.
  const where = error instanceof SyntaxError ? `${error.stack?.split("\n")[0]?.replace(/^file:\/\//, "")}: ` : "";
  console.error(`npm start: ${where}${error.message}`);
  process.exitCode = 1;
});
