/** `npx gangway plan`: what a deploy would change, without any values; CI posts it as a comment. */
import { writeFileSync } from "node:fs";
import { readCatalog } from "../stacks/catalog/read.ts";
import { needsCloudPackages } from "../stacks/cloud-packages.ts";
import { readSettings, type Settings } from "../stacks/settings.ts";
import { type Changes, summarize } from "./deploy/changes.ts";
import { costSummary } from "./deploy/costs.ts";
import { keepDroplet } from "./deploy/droplet.ts";
import { lockServers, secretNotices, toolNotices } from "./deploy/locks.ts";
import { lookAtMachine, machineSummary, planFor } from "./deploy/machine.ts";
import { needsTerraform } from "./deploy/needs.ts";
import { engineNotices } from "./deploy/planned.ts";
import { deployEnvironment, stacksOf } from "./deploy/stacks.ts";
import { synthesize } from "./deploy/synth.ts";
import { isTooEarly, type PlanOptions, StackFolder } from "./deploy/terraform.ts";
import { progress } from "./kit/progress.ts";
import { defineVerb } from "./kit/verb.ts";
import { print, tell } from "./kit/print.ts";

const usage = `npx gangway plan [--out <file>] <stack ...>

Shows what \`npx gangway deploy\` would do to these stacks: addresses and actions, but no values, so it is safe to
post; and what it costs a month, now and then.

  --out    also write it to a file (Markdown)
  --help   print this

Exit code: 0 planned, 1 could not be planned.`;

export const plan = defineVerb({
  name: "gangway plan",
  usage,
  flags: { out: "string" },
  takesNames: true,
  completes: "stacks",
  run: async ({ out }, names) => {
    const stacks = stacksOf(names, "plan");
    needsCloudPackages();
    const env = deployEnvironment();
    const step = progress(false);
    await needsTerraform();
    for (const line of [...(await secretNotices()), ...(await lockServers())]) tell(`  ${line}`);
    await step("synthesizing", () => synthesize(env, stacks));
    const settings = readSettings(Object.values(await readCatalog()));
    const machine = await lookAtMachine(stacks, true);
    const found: (Changes | string)[] = [];
    for (const stack of stacks) {
      const folder = new StackFolder(stack, env);
      found.push(await step(`planning ${stack}`, () => planOne(folder, settings, planFor(stack, machine))));
    }
    const planned = found.map((one) => (typeof one === "string" ? one : summarize(one)));
    const costs = found.flatMap((one) => (typeof one === "string" ? [] : one.costs));
    const parts = [machineSummary(machine), ...planned, costSummary(costs), ...(await toolNotices())];
    const text = parts.filter((part) => part !== undefined).join("\n\n");
    print(text);
    if (out !== undefined) writeFileSync(out, `${text}\n`);
  },
});

/** The changes of one stack, or a line that says why they cannot be known yet. */
async function planOne(folder: StackFolder, settings: Settings, options: PlanOptions): Promise<Changes | string> {
  try {
    const changes = await folder.plan({ lock: false, ...options }); // a plan writes no state and must not hold up a deploy
    keepDroplet(changes, settings);
    return { ...changes, notices: [...changes.notices, ...(await engineNotices(folder, settings))] };
  } catch (error) {
    if (!isTooEarly(error as Error)) throw error;
    return `### ${folder.stack}: can be planned when the stack edge is up`;
  } finally {
    folder.forgetPlan();
  }
}
