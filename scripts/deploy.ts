/** `npx gangway deploy`: plans the stacks, asks, and applies them. */
import { needsCloudPackages } from "../stacks/cloud-packages.ts";
import { BASE_FILE } from "../stacks/images/base.ts";
import { shown } from "../stacks/project.ts";
import { terraform } from "../stacks/terraform.ts";
import { refreshBase } from "./deploy/base.ts";
import { lockServers, secretNotices } from "./deploy/locks.ts";
import { lookAtMachine, machineSummary, planFor } from "./deploy/machine.ts";
import { needsDocker, needsTerraform } from "./deploy/needs.ts";
import { needsOwnEngine } from "./deploy/engine.ts";
import { needsPorts } from "./deploy/ports.ts";
import { deployEnvironment, stacksOf } from "./deploy/stacks.ts";
import { stepOf } from "./deploy/steps.ts";
import { synthesize } from "./deploy/synth.ts";
import { isTooEarly, type PlanOptions, StackFolder } from "./deploy/terraform.ts";
import { confirm } from "./kit/ask.ts";
import { progress } from "./kit/progress.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { type Changes, headline, isEmpty, summarize } from "./deploy/changes.ts";
import { tell } from "./kit/print.ts";

const usage = `npx gangway deploy [--yes] [--refresh-base] [--migrate-state] <stack ...>

Deploys stacks in the order of their dependencies: local (this machine's Docker), or edge and services (a droplet, or
SERVER; needs DOMAIN). Terraform's providers also see the values in .env. Shows the plan and asks before it applies.

  --yes            do not ask
  --refresh-base   build on the newest base image and record it in ${shown(BASE_FILE)} (commit that file)
  --migrate-state  move the state to where STATE_BUCKET and STATE_ENDPOINT point now (without them: back to this
                   machine), replacing any state already there
  --help           print this

Exit code: 0 everything is up, 1 it is not.`;

const step = progress(false);

// A terminal that goes away must not stop us in the middle of an apply.
process.stderr.on("error", () => {});

export const deploy = defineVerb({
  name: "gangway deploy",
  usage,
  flags: { yes: "boolean", "refresh-base": "boolean", "migrate-state": "boolean" },
  takesNames: true,
  completes: "stacks",
  run: async ({ yes, "refresh-base": refresh, "migrate-state": migrateState = false }, names) => {
    const stacks = stacksOf(names, "deploy");
    needsCloudPackages();
    await step(`looking for ${terraform}`, () => needsTerraform());
    if (stacks.includes("local")) {
      await step("asking Docker", () => needsDocker());
      await needsOwnEngine();
      await needsPorts();
    }
    if (refresh) tell(`  ${await step("getting the newest base image", () => refreshBase())}`);
    if (!yes && !process.stdin.isTTY)
      throw new Error("this is not a terminal, so nobody can confirm: pass --yes to apply without a question");
    const env = deployEnvironment();
    for (const line of [...(await secretNotices()), ...(await lockServers())]) tell(`  ${line}`);
    tell(indent(await step("synthesizing", () => synthesize(env, stacks))));
    const machine = await lookAtMachine(stacks, !yes);
    const lacking = machineSummary(machine);
    if (lacking !== undefined) tell(indent(lacking));
    for (const stack of stacks)
      await deployStack(new StackFolder(stack, env), { yes, plan: { migrateState, ...planFor(stack, machine) } });
    if (stacks.includes("local"))
      tell("\n  up. Check it: npx gangway verify --env local-docker. Its token: npx gangway token");
  },
});

interface DeployOptions {
  readonly yes: boolean | undefined;
  readonly plan: PlanOptions;
}

async function deployStack(folder: StackFolder, { yes = false, plan }: DeployOptions): Promise<void> {
  try {
    const changes = await step(`planning ${folder.stack}`, () => planOf(folder, plan));
    tell(indent(yes ? headline(changes) : summarize(changes)));
    if (!yes && !isEmpty(changes) && !(await confirm(`deploy ${folder.stack}?`)))
      throw new Error(`${folder.stack} was not changed`);
    if (!(await folder.apply(tellEvent)))
      throw new Error(
        folder.isInterrupted
          ? "interrupted; the next deploy does the rest"
          : "not everything is up (see above for the reason). What served before still serves: fix the problem and deploy again",
      );
  } finally {
    folder.forgetPlan();
  }
}

async function planOf(folder: StackFolder, options: PlanOptions): Promise<Changes> {
  return folder.plan(options).catch((error: Error) => {
    if (!isTooEarly(error)) throw error;
    throw new Error(`${folder.stack} needs the outputs of edge: npx gangway deploy edge ${folder.stack}`, {
      cause: error,
    });
  });
}

function tellEvent(event: unknown): void {
  const line = stepOf(event);
  if (line !== undefined) tell(indent(line));
}
