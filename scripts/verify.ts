/** `npx gangway verify`: calls every service behind a running hub as a client would, and reports what is wrong. */
import { folder } from "./kit/folder.ts";
import { WrongUse } from "./kit/arguments.ts";
import { askHub, type ServiceHealth, settledServices } from "./kit/hub.ts";
import { progress } from "./kit/progress.ts";
import { whoRuns } from "./kit/running.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { deployedServices, environments, type Login, loginAtStart } from "../stacks/deployed.ts";
import { document, report } from "./verify/report.ts";
import { examine, type Findings, isFine, isUnreached } from "./verify/run.ts";
import { McpClient } from "./kit/mcp/client.ts";
import { printTables, tell } from "./kit/print.ts";
import { firstAccepted } from "./verify/tokens.ts";

const usage = `npx gangway verify [--json] [--url <hub> | --env <deployment>] [service ...]

Checks the services of a running hub (npm start) or of a deployment: health, readiness, sign-in, a session, its tools,
one harmless call, a stream, and requests that must be refused. Name the services to check; without a name, all of them.

  --env    local-docker: the deployment on this machine (npx gangway deploy local); production: the one under DOMAIN
  --url    the hub, if it is not the one started in this folder (http://127.0.0.1:3000)
  --json   print one JSON document: npx gangway verify --json
  --help   print this

Exit code: 0 all is well, 1 something is wrong, 2 nothing to check. A service that needs something has not failed.`;

const exit = { fine: 0, wrong: 1, nothing: 2 } as const;

export const verify = defineVerb({
  name: "gangway verify",
  usage,
  flags: { json: "boolean", url: "string", env: "string" },
  takesNames: true,
  completes: "services",
  failed: exit.nothing,
  run: async ({ json = false, url, env }, names) => {
    const { pickNames, catalog, settings, keptTokens, serviceToken, ownToken, warnings } = await readServices();
    const environment = environments.find((one) => one === env);
    if (env !== undefined && environment === undefined)
      throw new Error(`--env is "${env}", expected one of ${environments.join(", ")}`);
    const hub = hubIn(url) ?? whoRuns(folder.running)?.hub ?? `http://127.0.0.1:${settings.hubPort}`;
    const during = progress(json);
    const withLogin = (service: ServiceHealth) => {
      const login = catalog[service.name] && loginAtStart(catalog[service.name]!, settings);
      return { ...service, ...(login && { login }) };
    };
    const services: readonly (ServiceHealth & { readonly login?: Login })[] =
      environment === undefined
        ? (await during(`asking ${hub}`, () => servicesAt(hub))).map(withLogin)
        : deployedServices(environment, Object.values(catalog), settings);
    const set = settings.bearerTokens;
    /** Where none is set, the ones made here: for stack local, and for services of npm start that take tokens beside logins. */
    const mastersOf = (login: Login | undefined) => {
      const isOurs = environment === "local-docker" || (environment === undefined && login?.keyUrl !== undefined);
      return set.length === 0 && isOurs ? keptTokens() : set;
    };
    const picked = pickNames(
      services.map(({ name }) => name),
      names,
    );
    if (environment === "local-docker") await refuseStarted(services);
    const findings: Findings[] = [];
    await during("checking the services", async () => {
      for (const service of services.filter(({ name }) => picked.includes(name))) {
        const own = ownToken(catalog[service.name], settings);
        const { login } = service;
        const masters = mastersOf(login);
        const ofMasters = masters.flatMap((master) => [master, serviceToken(master, service.name)]);
        const url = login?.keyUrl ?? service.url;
        const takesTokens = login === undefined || login.keyUrl !== undefined;
        const tried = own.length > 0 ? own : masters;
        const client = new McpClient(url, takesTokens ? await firstAccepted(url, tried) : undefined);
        const known = { client, tokens: [...ofMasters, ...own], probe: catalog[service.name]?.probe };
        const found = login && { url: service.url, issuer: login.issuer, hasKeyUrl: login.keyUrl !== undefined };
        findings.push(await examine(service, { ...known, login: found }));
      }
    });
    if (environment === "local-docker" && findings.length > 0 && findings.every(isNotThere))
      throw new Error("nothing is deployed here: npx gangway deploy local");
    if (!json) for (const warning of warnings(Object.keys(catalog))) tell(warning);
    printTables(
      json ? JSON.stringify(document(findings, env ?? hub)) : indent(["", ...report(findings), ""].join("\n")),
    );
    if (findings.every(({ service }) => service.state === "needs")) return exit.nothing;
    return findings.every(isFine) ? exit.fine : exit.wrong;
  },
});

/** Imported at run time, so that a mistake in the catalog is reported like any other. */
async function readServices() {
  const { pickNames } = await import("../stacks/catalog/pick.ts");
  const { readSettings } = await import("../stacks/settings.ts");
  const { keptTokens, serviceToken } = await import("../stacks/tokens.ts");
  const { readTokenList, tokenWarnings } = await import("../stacks/token-list.ts");
  const { readCatalog } = await import("../stacks/catalog/read.ts");
  const catalog = await readCatalog();
  const { ownToken } = await import("../stacks/catalog/verify.ts");
  const settings = readSettings(Object.values(catalog));
  const warnings = (services: readonly string[]) => tokenWarnings(readTokenList(), services);
  return { pickNames, catalog, keptTokens, serviceToken, ownToken, warnings, settings };
}

/** The address in `--url`. @throws WrongUse when it is none */
function hubIn(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const hub = url.replace(/\/$/, "");
  if (/^https?:\/\//.test(hub) && URL.canParse(hub)) return hub;
  throw new WrongUse(
    `--url: got ${url}, expected an address with its scheme, as in --url http://${hub.replace(/^\W+/, "")}`,
  );
}

/** A service that is not deployed, or that lacks what it needs to be. */
const isNotThere = (found: Findings) => found.service.state === "needs" || isUnreached(found);

/** @throws Error when the ports are those of `npm start`: that is not what should be checked */
async function refuseStarted(services: readonly ServiceHealth[]): Promise<void> {
  const running = whoRuns(folder.running);
  const started = running && (await askHub(running.hub));
  const theirs = new Set(started?.services.map(({ url }) => url));
  const shared = services.filter(({ url }) => theirs.has(url)).map(({ name, url }) => `${new URL(url).port} ${name}`);
  if (shared.length > 0)
    throw new Error(
      `these ports belong to npm start (pid ${running?.pid}), not to a deployment: ${shared.join(", ")}. ` +
        "Check it with: npx gangway verify",
    );
}

async function servicesAt(hub: string): Promise<ServiceHealth[]> {
  if (await askHub(hub)) return settledServices(hub, AbortSignal.timeout(90_000));
  throw new Error(`nobody answers at ${hub}. Start the services first, in another terminal: npm start`);
}
