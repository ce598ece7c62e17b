/** `npm run verify`: looks at every service behind a running hub as a client does, and says what is wrong with it. */
import type { Service } from "../stacks/catalog/entry.ts";
import { parseArguments } from "./kit/arguments.ts";
import { folder } from "./kit/folder.ts";
import { askHub, type ServiceHealth, settledServices } from "./kit/hub.ts";
import { progress } from "./kit/progress.ts";
import { whoRuns } from "./kit/running.ts";
import { deployedServices, environments } from "./verify/deployed.ts";
import { document, report } from "./verify/report.ts";
import { examine, type Findings, isFine } from "./verify/run.ts";
import { Visit } from "./kit/mcp/client.ts";

const usage = `npm run verify [-- [--json] [--url <hub> | --env <deployment>] [service ...]]

Checks the services of a running hub (npm start) or of a deployment: health, readiness, sign-in, a session, its tools,
one harmless call, a stream, and what must be refused. Services go by their names; without a name, all of them.

  --env    local-docker: what \`npx cdktf deploy local\` has put on this machine; production: what is under DOMAIN
  --url    the hub, when it is not the one of this folder (http://127.0.0.1:3000)
  --json   print one JSON document: npm run --silent verify -- --json
  --help   print this

Exit code: 0 all is well, 1 something is wrong, 2 nothing to check. A service that lacks something is no failure.`;

const exit = { fine: 0, wrong: 1, nothing: 2 } as const;

async function verify(argv: readonly string[]): Promise<number> {
  const { help, json, url, env, names } = parseArguments(argv, "verify");
  if (help) {
    console.log(usage);
    return exit.fine;
  }
  const { pickNames, catalog, settings, localToken } = await readCatalog();
  const environment = environments.find((one) => one === env);
  if (env !== undefined && environment === undefined)
    throw new Error(`--env is "${env}", expected one of ${environments.join(", ")}`);
  const hub = url?.replace(/\/$/, "") ?? whoRuns(folder.running)?.hub ?? `http://127.0.0.1:${settings.hubPort}`;
  const during = progress(json);
  const services =
    environment === undefined
      ? await during(`asking ${hub}`, () => servicesAt(hub))
      : deployedServices(environment, Object.values(catalog), settings);
  const token = settings.bearerToken ?? (environment === "local-docker" ? localToken() : undefined);
  const picked = pickNames(
    services.map(({ name }) => name),
    names,
  );
  const findings: Findings[] = [];
  await during("checking the services", async () => {
    for (const service of services.filter(({ name }) => picked.includes(name))) {
      const visit = new Visit(service.url, token);
      findings.push(await examine(service, { visit, probe: catalog[service.name]?.probe }));
    }
  });
  const lines = ["", ...report(findings), ""].map((line) => (line === "" ? "" : `  ${line}`));
  console.log(json ? JSON.stringify(document(findings, env ?? hub)) : lines.join("\n"));
  return findings.every(isFine) ? exit.fine : exit.wrong;
}

/** Imported only now, so that a mistake in the catalog is told like every other one. */
async function readCatalog() {
  const { pickNames } = await import("../stacks/catalog/entry.ts");
  const { services } = await import("../stacks/services.ts");
  const { readSettings } = await import("../stacks/settings.ts");
  const { localToken } = await import("../stacks/secrets.ts");
  const catalog: Readonly<Record<string, Service>> = services;
  return { pickNames, catalog, localToken, settings: readSettings(Object.values(services)) };
}

async function servicesAt(hub: string): Promise<ServiceHealth[]> {
  if (await askHub(hub)) return settledServices(hub, AbortSignal.timeout(90_000));
  throw new Error(`nobody answers at ${hub}. Start the services first, in a terminal of their own: npm start`);
}

process.exitCode = await verify(process.argv.slice(2)).catch((error: Error) => {
  console.error(`npm run verify: ${error.message}`);
  return exit.nothing;
});
