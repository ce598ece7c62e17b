/** `npx gangway drift`: what differs from the last deploy, whose it is, and what a deploy would do about it. */
import { rmSync, writeFileSync } from "node:fs";
import { needsCloudPackages } from "../stacks/cloud-packages.ts";
import { readCatalog } from "../stacks/catalog/read.ts";
import { deploymentOf } from "../stacks/deployment.ts";
import { readSettings, type Settings } from "../stacks/settings.ts";
import { type Difference, differencesIn, differenceSummary } from "./deploy/differences.ts";
import { engineOf } from "./deploy/engine-words.ts";
import { lookAtMachine, type MachineChanges, planFor } from "./deploy/machine.ts";
import { needsTerraform } from "./deploy/needs.ts";
import { deployEnvironment, stacksOf } from "./deploy/stacks.ts";
import { straysOf } from "./deploy/strays.ts";
import { synthesize } from "./deploy/synth.ts";
import { StackFolder } from "./deploy/terraform.ts";
import { print } from "./kit/print.ts";
import { progress } from "./kit/progress.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway drift [--out <file>] [--json] <stack ...>

Compares what is really there with the state of the last deploy and with the
catalog: what somebody has changed or removed, what is left over, and what has
not been deployed yet; whose each is, and what a deploy would do about it.

  --out <file>  also write it to a file (Markdown), if there is any
  --json        print one JSON document
  --help        print this

Exit code: 0 nothing differs, 1 it could not be compared, 2 something differs.`;

const DRIFT = 2;

export const drift = defineVerb({
  name: "gangway drift",
  usage,
  flags: { out: "string", json: "boolean" },
  takesNames: true,
  completes: "stacks",
  run: async ({ out, json = false }, names) => {
    const stacks = stacksOf(names, "drift");
    if (out !== undefined) rmSync(out, { force: true }); // of an earlier run
    needsCloudPackages();
    const env = deployEnvironment();
    const step = progress(json);
    await needsTerraform();
    await step("synthesizing", () => synthesize(env, stacks));
    const settings = readSettings(Object.values(await readCatalog()));
    const machine = await lookAtMachine(stacks, false);
    const all: Difference[] = [];
    for (const stack of stacks)
      all.push(...(await step(`comparing ${stack}`, () => compare(new StackFolder(stack, env), settings, machine))));
    const text = stacks.map((stack) => differenceSummary(stack, all)).join("\n\n");
    print(json ? JSON.stringify({ differences: all }, undefined, 2) : text);
    if (out !== undefined && all.length > 0) writeFileSync(out, `${text}\n`);
    return all.length === 0 ? 0 : DRIFT;
  },
});

async function compare(folder: StackFolder, settings: Settings, machine: MachineChanges | undefined) {
  const { stack } = folder;
  try {
    const changes = await folder.plan({ lock: false, ...planFor(stack, machine) }); // writes no state, and holds up no deploy
    const ask = engineOf(stack, folder.known, settings);
    const strays = ask === undefined ? [] : await straysOf(deploymentOf(stack, settings), folder.known, ask);
    return differencesIn(changes, strays, stack === "edge" ? machine?.lines : []);
  } finally {
    folder.forgetPlan();
  }
}
