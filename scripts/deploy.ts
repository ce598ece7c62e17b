/** `npx gangway deploy`: plans the stacks, asks, and applies them. */
import { needsCloudPackages } from "../stacks/cloud-packages.ts";
import { BASE_FILE } from "../stacks/images/base.ts";
import { shown } from "../stacks/project.ts";
import { readCatalog } from "../stacks/catalog/read.ts";
import { readSettings, type Settings } from "../stacks/settings.ts";
import { terraform } from "../stacks/terraform.ts";
import { applyOn } from "./deploy/apply.ts";
import { refreshBase } from "./deploy/base.ts";
import { tellEnd } from "./deploy/end.ts";
import { lockServers, secretNotices } from "./deploy/locks.ts";
import { lookAtMachine, machineSummary, planFor } from "./deploy/machine.ts";
import { needsDocker, needsTerraform } from "./deploy/needs.ts";
import { needsOwnEngine } from "./deploy/engine.ts";
import { needsPinned } from "./deploy/pinned.ts";
import { type Planned, planOn } from "./deploy/planned.ts";
import { needsPorts } from "./deploy/ports.ts";
import { deployEnvironment, stacksOf } from "./deploy/stacks.ts";
import { synthesize } from "./deploy/synth.ts";
import { askEngine } from "./deploy/engine-words.ts";
import { engineAfter, engineIn } from "./deploy/where.ts";
import { isTooEarly, type PlanOptions, StackFolder } from "./deploy/terraform.ts";
import { confirm } from "./kit/ask.ts";
import { progress } from "./kit/progress.ts";
import { indent } from "./kit/table.ts";
import { defineVerb } from "./kit/verb.ts";
import { headline, isEmpty, plannedIn, summarize } from "./deploy/changes.ts";
import { tell } from "./kit/print.ts";
import { needsNoLock } from "./history/lock.ts";
import { notifier } from "./history/notify.ts";
import { Interrupted, onRecord } from "./history/on-record.ts";
import { deploymentOf } from "../stacks/deployment.ts";

const usage = `npx gangway deploy [--yes] [--refresh-base] [--migrate-state] <stack ...>

Deploys stacks in the order of their dependencies: local (this machine's Docker), or edge and services (a droplet, or
SERVER; needs DOMAIN). Terraform's providers also see the values in .env. Shows the plan and asks before it applies. At
the end it looks at every service, and shows its state and its URL.

  --yes            do not ask
  --refresh-base   build on the newest base image and record it in ${shown(BASE_FILE)} (commit that file)
  --migrate-state  move the state to where STATE_BUCKET and STATE_ENDPOINT point now (without them: back to this
                   machine), replacing any state already there
  --help           print this

Exit code: 0 every service serves, 1 something does not.`;

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
      await needsNoLock(askEngine({}));
      await needsOwnEngine();
      await needsPorts();
      await needsPinned();
    }
    if (refresh) tell(`  ${await step("getting the newest base image", () => refreshBase())}`);
    if (!yes && !process.stdin.isTTY)
      throw new Error("this is not a terminal, so nobody can confirm: pass --yes to apply without a question");
    const env = deployEnvironment();
    for (const line of [...(await secretNotices()), ...(await lockServers())]) tell(`  ${line}`);
    tell(indent(await step("synthesizing", () => synthesize(env, stacks))));
    const settings = readSettings(Object.values(await readCatalog()));
    const machine = await lookAtMachine(stacks, !yes);
    const lacking = machineSummary(machine);
    if (lacking !== undefined) tell(indent(lacking));
    for (const stack of stacks) {
      const plan = { migrateState, ...planFor(stack, machine) };
      await deployStack(new StackFolder(stack, env), settings, { yes, plan });
    }
  },
});

interface DeployOptions {
  readonly yes: boolean | undefined;
  readonly plan: PlanOptions;
}

async function deployStack(
  folder: StackFolder,
  settings: Settings,
  { yes = false, plan }: DeployOptions,
): Promise<void> {
  try {
    const planned = await step(`planning ${folder.stack}`, () => planOf(folder, settings, plan));
    const { changes, strays, notices, ask } = planned;
    tell(indent(yes ? headline(changes) : summarize(changes)));
    for (const line of [...notices, ...(yes ? changes.notices : [])]) tell(indent(line));
    const isNothing = isEmpty(changes) && strays.length === 0;
    if (!yes && !isNothing && !(await confirm(`deploy ${folder.stack}?`)))
      throw new Error(`${folder.stack} was not changed`);
    const { stack } = folder;
    const task = { action: "deploy", stack, deployment: deploymentOf(stack, settings), ...plannedIn(changes) } as const;
    const host = engineIn(folder, settings);
    const after = () => engineAfter(folder, settings);
    await onRecord(task, { host, after, mayBeGone: stack === "edge", notify: notifier(settings) }, async () => {
      if (!(await applyOn(folder, planned)))
        throw folder.isInterrupted ? new Interrupted(INTERRUPTED) : new Error(FAILED);
      if (ask !== undefined) await tellEnd(folder.stack, settings, ask);
    });
  } finally {
    folder.forgetPlan();
  }
}

const INTERRUPTED = "interrupted; the next deploy does the rest";
const FAILED =
  "not everything is up (see above for the reason). What served before still serves: fix the problem and deploy again";

async function planOf(folder: StackFolder, settings: Settings, options: PlanOptions): Promise<Planned> {
  return planOn(folder, settings, options).catch((error: Error) => {
    if (!isTooEarly(error)) throw error;
    throw new Error(`${folder.stack} needs the outputs of edge: npx gangway deploy edge ${folder.stack}`, {
      cause: error,
    });
  });
}
