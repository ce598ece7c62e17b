/** `npx gangway doctor`: finds out why a client cannot use a service. */
import { checkLogins } from "./doctor/oauth/check.ts";
import { document, report } from "./doctor/oauth/report.ts";
import { urlFor } from "./call/target.ts";
import { print, printTables } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { deployedServices, environments } from "../stacks/deployed.ts";

const usage = `npx gangway doctor [--oauth <service or URL>] [--env <deployment>] [--no-login] [--json]

Replays what clients do, step by step, and says which step would fail for whom, why, and what mends it. Without a flag it
lists what it can check.

  --oauth <service or URL>   how Claude, Claude Code, ChatGPT, Cursor, Codex, VS Code and the SDK log in. You log in once, in
                             your browser; without a terminal, what needs a login is not checked
  --env    local-docker: the deployment on this machine; production: the one under DOMAIN. By default what runs here
  --no-login   check only what needs no login
  --json   print one JSON document
  --help   print this

Exit code: 0 nothing was found that would stop a client, 1 something would, 2 nothing could be checked.`;

const available = `What it can check:

  npx gangway doctor --oauth <service>   whether real clients can log in to a service, and stay logged in`;

export const doctor = defineVerb({
  name: "gangway doctor",
  usage,
  flags: { oauth: "string", env: "string", "no-login": "boolean", json: "boolean" },
  failed: 2,
  run: async ({ oauth, env, "no-login": noLogin = false, json = false }) => {
    if (oauth === undefined) return print(available);
    const url = env === undefined ? await urlFor(oauth) : await deployedUrl(oauth, env);
    const during = progress(json || !process.stderr.isTTY);
    const found = await during(`logging in to ${url}`, () => checkLogins(url, !noLogin && process.stdin.isTTY));
    printTables(json ? JSON.stringify(document(found)) : indent(["", ...report(found), ""].join("\n")));
    return found.replays.some(({ hasFailed }) => hasFailed) ? 1 : 0;
  },
});

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
