/** `npm run plan`: what a deploy would change, without a value in it; in CI as a comment, and at night to find drift. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { needsTerraform } from "./deploy/needs.ts";
import { environmentOf, stacksOf } from "./deploy/stacks.ts";
import { synthesize } from "./deploy/synth.ts";
import { isTooEarly, StackFolder } from "./deploy/terraform.ts";
import { progress } from "./kit/progress.ts";
import { type Changes, isEmpty, summarize } from "./deploy/changes.ts";

const usage = `npm run plan -- [--out <file>] [--drift] <stack ...>

Shows what \`npm run deploy\` would do to these stacks: addresses and actions, no values, so that it may be posted anywhere.

  --out    write it to a file (Markdown) too
  --drift  a change is a failure: what is deployed is no longer what the catalog says
  --help   print this

Exit code: 0 planned, 1 it could not be planned, 2 with --drift: there are changes.`;

async function plan(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { out: { type: "string" }, drift: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const stacks = stacksOf(positionals);
  const env = environmentOf(process.env);
  const step = progress(false);
  await needsTerraform();
  await step("synthesizing", () => synthesize(env, stacks));
  const found: (Changes | string)[] = [];
  for (const stack of stacks) found.push(await step(`planning ${stack}`, () => planOne(new StackFolder(stack, env))));
  const text = found.map((one) => (typeof one === "string" ? one : summarize(one))).join("\n\n");
  console.log(text);
  if (values.out !== undefined) writeFileSync(values.out, `${text}\n`);
  return values.drift && !found.every((one) => typeof one !== "string" && isEmpty(one)) ? 2 : 0;
}

/** What would happen to a stack, or a line that says why that cannot be known yet. */
async function planOne(folder: StackFolder): Promise<Changes | string> {
  try {
    return await folder.plan({ lock: false }); // it writes no state, and must not keep a deploy from beginning
  } catch (error) {
    if (!isTooEarly(error as Error)) throw error;
    return `### ${folder.stack}: can be planned when the stack edge is up`;
  } finally {
    folder.forgetPlan();
  }
}

process.exitCode = await plan(process.argv.slice(2)).catch((error: Error) => {
  console.error(`npm run plan: ${error.message}`);
  return 1;
});
