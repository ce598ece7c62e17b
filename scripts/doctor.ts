/** `npx gangway doctor`: finds out why a client cannot use a service, or a server what it calls. */
import { checkEgress } from "./doctor/egress/check.ts";
import { isRefused, report as reportEgress } from "./doctor/egress/report.ts";
import { checkLogins } from "./doctor/oauth/check.ts";
import { document, report } from "./doctor/oauth/report.ts";
import { urlFor } from "./call/target.ts";
import { WrongUse } from "./kit/arguments.ts";
import { maintenanceAt } from "./kit/maintenance.ts";
import { print, printTables } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { deployedServices, environments } from "../stacks/deployed.ts";

const usage = `npx gangway doctor [--oauth <service or URL>] [--env <deployment>] [--no-login] [--json]
       npx gangway doctor --egress [service ...] [--json]

Replays what clients do, step by step, and says which step would fail for whom, why, and what mends it; or tells which hosts
servers asked for and did not get. Without a flag it lists what it can check.

  --oauth <service or URL>   how Claude, Claude Code, ChatGPT, Cursor, Codex, VS Code and the SDK log in. You log in once, in
                             your browser; without a terminal, what needs a login is not checked
  --env    local-docker: the deployment on this machine; production: the one under DOMAIN. By default what runs here
  --no-login   check only what needs no login
  --egress   what was refused to the servers of this machine's Docker, and what to add to an entry that should allow it
  --json   print one JSON document
  --help   print this

Exit code: 0 nothing was found that would stop a client, and nothing was refused to a server; 1 something was, 2 nothing could be checked.`;

const available = `What it can check:

  npx gangway doctor --oauth <service>   whether real clients can log in to a service, and stay logged in
  npx gangway doctor --egress [service]   which hosts a server asked for that its entry does not list`;

export const doctor = defineVerb({
  name: "gangway doctor",
  usage,
  flags: { oauth: "string", env: "string", "no-login": "boolean", egress: "boolean", json: "boolean" },
  takesNames: true,
  completes: "services",
  failed: 2,
  run: async ({ oauth, env, "no-login": noLogin = false, egress = false, json = false }, names) => {
    if (egress) return doctorEgress(names, json);
    if (names.length > 0) throw new WrongUse(`got ${names.join(" ")}, expected --egress or --oauth before it`);
    if (oauth === undefined) return print(available);
    const url = env === undefined ? await urlFor(oauth) : await deployedUrl(oauth, env);
    const told = await maintenanceAt(url);
    if (told !== undefined)
      throw new Error(`maintenance is on, and callers are told: ${told} End it first: npx gangway maintenance off`);
    const during = progress(json || !process.stderr.isTTY);
    const found = await during(`logging in to ${url}`, () => checkLogins(url, !noLogin && process.stdin.isTTY));
    printTables(json ? JSON.stringify(document(found)) : indent(["", ...report(found), ""].join("\n")));
    return found.replays.some(({ hasFailed }) => hasFailed) ? 1 : 0;
  },
});

async function doctorEgress(names: readonly string[], json: boolean): Promise<number> {
  const refused = await checkEgress(names);
  printTables(json ? JSON.stringify(refused) : indent(["", ...reportEgress(refused), ""].join("\n")));
  return refused.some(isRefused) ? 1 : 0;
}

/** The URL of a service in a deployment. */
async function deployedUrl(service: string, env: string): Promise<string> {
  const environment = environments.find((one) => one === env);
  if (environment === undefined) throw new Error(`--env is "${env}", expected one of ${environments.join(", ")}`);
  const { readSettings } = await import("../stacks/settings.ts");
  const { readCatalog } = await import("../stacks/catalog/read.ts");
  const { pickNames } = await import("../stacks/catalog/pick.ts");
  const all = Object.values(await readCatalog());
  const services = deployedServices(environment, all, readSettings(all));
  const [name] = pickNames(
    services.map((one) => one.name),
    [service],
  );
  return services.find((one) => one.name === name)!.url;
}
