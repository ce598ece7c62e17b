/** `gangway maintenance`: has the proxy answer in place of services, for as long as somebody works on them. */
import { namesIn } from "../stacks/catalog/pick.ts";
import { DEPLOYMENT_HELP, oneDeployment } from "./deploy/deployments.ts";
import { WrongUse } from "./kit/arguments.ts";
import type { Deployment } from "./kit/deployment.ts";
import { type Maintenance, readMaintenance } from "./kit/maintenance.ts";
import { print } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";
import { answersFor } from "./maintenance/answers.ts";
import { findProxy, hostsOf, type Proxied } from "./maintenance/hosts.ts";
import { switchOff, switchOn } from "./maintenance/switch.ts";

const usage = `npx gangway maintenance [on|off] [--message <sentence>] [flags] [service ...]

Has the proxy of a deployment answer 503 with Retry-After in place of all services, or
of those that you name: JSON to programs, a page to browsers. /health and /ready stay
what they are. Nothing is restarted, and calls that run go on. It stays on through
deploys and restarts, until you switch it off. Without on or off, it says what is on.

  --message    what callers and visitors are told
${DEPLOYMENT_HELP}
  --json       print one JSON document
  --help       print this

Exit code: 0 it is done, 1 it is not.`;

export const maintenance = defineVerb({
  name: "gangway maintenance",
  usage,
  flags: { message: "string", env: "string", json: "boolean" },
  takesNames: true,
  completes: ["on", "off"],
  keepsFiles: false,
  run: async ({ message, env, json = false }, [word, ...words]) => {
    if (word !== undefined && word !== "on" && word !== "off") throw new WrongUse(`got ${word}, expected on or off`);
    if (message !== undefined && word !== "on") throw new WrongUse("--message goes with on");
    const deployment = await oneDeployment(env, "npx gangway start has no proxy to answer for it: stop it with Ctrl-C");
    const { proxy, hosts } = await findProxy(deployment);
    const wanted = hostsOf(namesIn(words), hosts, deployment);
    if (word === "on") await switchOn(proxy, wanted, answersFor(message, new Date()), deployment);
    if (word === "off") await switchOff(proxy, await whatIsOn(proxy, wanted, deployment), deployment);
    const on = await readMaintenance(proxy, deployment.ask);
    if (json) print(JSON.stringify({ environment: deployment.environment, maintenance: on }));
    else print(told(on, hosts, deployment));
  },
});

/** Of those that are named, or of all. */
async function whatIsOn(proxy: string, wanted: readonly string[], { ask }: Deployment): Promise<string[]> {
  const on = (await readMaintenance(proxy, ask)).map(({ of }) => of);
  return wanted.length === 0 ? on : on.filter((of) => wanted.includes(of));
}

function told(on: readonly Maintenance[], hosts: readonly Proxied[], { where }: Deployment): string {
  if (on.length === 0) return `maintenance is off in ${where}`;
  return on
    .map(({ of, since, message }) => {
      const service = hosts.find(({ host }) => host === of)?.service ?? "all services";
      return `maintenance is on for ${service} in ${where} since ${since}${message === undefined ? "" : `: ${message}`}`;
    })
    .join("\n");
}
