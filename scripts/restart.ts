/** `gangway restart`: starts the containers of a service again. */
import { setTimeout as sleep } from "node:timers/promises";
import { DEPLOYMENT_HELP, oneDeployment } from "./deploy/deployments.ts";
import { oneService } from "./kit/arguments.ts";
import { type Container, containersIn, containersOf } from "./kit/containers.ts";
import type { Deployment } from "./kit/deployment.ts";
import { print } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway restart [--env <place>] [--json] <service>

Restarts what a service consists of, as it was deployed: gateway and server, or the
app. Calls that run get up to 37 seconds to end, and sessions go on afterwards. New
calls fail for the seconds in which nothing serves; a deploy has no such gap.

${DEPLOYMENT_HELP}
  --json       print one JSON document
  --help       print this

Exit code: 0 it serves again, 1 it does not.`;

/** Seconds that a container has to end: more than its own STOP_TIMEOUT, so that Docker kills none that still drains. */
const PATIENCE = "60";

/** Seconds in which it has to serve again. */
const TIME = 120;

export const restart = defineVerb({
  name: "gangway restart",
  usage,
  flags: { env: "string", json: "boolean" },
  takesNames: true,
  completes: "services",
  keepsFiles: false,
  run: async ({ env, json = false }, names) => {
    const service = oneService(names, "restart");
    const deployment = await oneDeployment(
      env,
      "npx gangway start starts a server again by itself when it ends; to restart all, Ctrl-C and npx gangway start",
    );
    const containers = containersOf([service], await containersIn(deployment), deployment);
    const picked = containers.filter(({ part }) => part !== "egress");
    const during = progress(json);
    const since = performance.now();
    await during(`restarting ${service}`, () => restartAll(picked, deployment));
    await during("waiting until it serves", () => untilServing(picked, deployment));
    const seconds = Math.round((performance.now() - since) / 1_000);
    const restarted = picked.map(({ name }) => name);
    if (json) print(JSON.stringify({ service, environment: deployment.environment, containers: restarted, seconds }));
    else print(`${service} serves again in ${deployment.where} after ${seconds} s: ${restarted.join(", ")}`);
  },
});

/** At once, because a server waits for its gateway to end. The engine starts each one again by itself, whatever becomes of us. */
const restartAll = async (containers: readonly Container[], { ask }: Deployment): Promise<void> =>
  void (await Promise.all(containers.map(({ id }) => ask(["restart", "--time", PATIENCE, id]))));

/** Asks the containers' own checks. @throws Error with the end of the log when time is up */
async function untilServing(containers: readonly Container[], { ask }: Deployment): Promise<void> {
  const deadline = performance.now() + TIME * 1_000;
  const format = "{{.State.Running}} {{json .Config.Healthcheck}}";
  for (const { id, name } of containers) {
    const [, text = "null"] = /^\w+ (.*)$/m.exec(await ask(["inspect", "--format", format, id])) ?? [];
    const { Test: [, ...check] = [] } = (JSON.parse(text) ?? {}) as { readonly Test?: readonly string[] };
    while (!(await isWell(id, check, ask))) {
      if (performance.now() > deadline)
        throw new Error(`${name} does not serve after ${TIME} s: npx gangway logs shows why`);
      await sleep(500);
    }
  }
}

async function isWell(id: string, check: readonly string[], ask: Deployment["ask"]): Promise<boolean> {
  const isRunning = (await ask(["inspect", "--format", "{{.State.Running}}", id])).trim() === "true";
  if (!isRunning || check.length === 0) return isRunning;
  return ask(["exec", id, ...check]).then(
    () => true,
    () => false,
  );
}
