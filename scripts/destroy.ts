/** `npx gangway destroy`: says what it would remove, asks, and removes it. */
import { needsCloudPackages } from "../stacks/cloud-packages.ts";
import { readCatalog } from "../stacks/catalog/read.ts";
import { deploymentOf } from "../stacks/deployment.ts";
import { readSettings } from "../stacks/settings.ts";
import { applyOn } from "./deploy/apply.ts";
import { plannedIn } from "./deploy/changes.ts";
import { needsTerraform } from "./deploy/needs.ts";
import { planOn } from "./deploy/planned.ts";
import { isNothing, removalOf } from "./deploy/removal.ts";
import { deployEnvironment, stacksOf } from "./deploy/stacks.ts";
import { synthesize } from "./deploy/synth.ts";
import { StackFolder } from "./deploy/terraform.ts";
import { engineIn, engineLeft } from "./deploy/where.ts";
import { notifier } from "./history/notify.ts";
import { Interrupted, onRecord } from "./history/on-record.ts";
import { agree } from "./kit/ask.ts";
import { print } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway destroy [--yes] <stack ...>

Removes what a deploy has made: shows first what goes and what stays, and asks. The data of services on this machine's
Docker stays, and so do images; the droplet of the stack edge goes with the volume that has all data.

  --yes    do not ask
  --help   print this

Exit code: 0 it is gone, 1 it is not.`;

const step = progress(false);

export const destroy = defineVerb({
  name: "gangway destroy",
  usage,
  flags: { yes: "boolean" },
  takesNames: true,
  completes: "stacks",
  run: async ({ yes = false }, names) => {
    const stacks = stacksOf(names, "destroy").toReversed(); // what stands on another goes first
    needsCloudPackages();
    await needsTerraform();
    const env = deployEnvironment();
    await step("synthesizing", () => synthesize(env, stacks));
    for (const stack of stacks) if (!(await destroyStack(new StackFolder(stack, env), yes))) return 1;
    return 0;
  },
});

/** @returns whether it is gone */
async function destroyStack(folder: StackFolder, yes: boolean): Promise<boolean> {
  const { stack } = folder;
  const settings = readSettings(Object.values(await readCatalog()));
  try {
    const planned = await step(`planning the end of ${stack}`, () => planOn(folder, settings, { destroy: true }));
    if (isNothing(planned)) {
      print(`${stack}: there is nothing to remove`);
      return true;
    }
    print(removalOf(stack, planned));
    if (!(await agree(`remove all of this from ${stack}?`, { yes, not: `${stack} was not changed` }))) return false;
    const task = { action: "destroy", stack, deployment: deploymentOf(stack, settings) } as const;
    const host = engineIn(folder, settings);
    const after = () => engineLeft(folder, settings);
    const place = { host, after, mayBeGone: stack === "edge", notify: notifier(settings) };
    await onRecord({ ...task, ...plannedIn(planned.changes) }, place, async () => {
      if (await applyOn(folder, planned)) return;
      const rest = `something of ${stack} is still there (see above for the reason): npx gangway destroy ${stack} removes the rest`;
      throw folder.isInterrupted ? new Interrupted(rest) : new Error(rest);
    });
    return true;
  } finally {
    folder.forgetPlan();
  }
}
