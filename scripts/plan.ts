/** `npm run plan`: what a deploy would change, without a value in it; in CI as a comment, and at night to find drift. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "zx";
import { needsTerraform, terraform } from "./deploy/needs.ts";
import { environmentOf, stacksOf } from "./deploy/stacks.ts";
import { project } from "./local/folder.ts";
import { progress } from "./local/progress.ts";
import { type Changes, isEmpty, readChanges, summarize } from "./plan/summary.ts";

const usage = `npm run plan -- [--out <file>] [--drift] <stack ...>

Shows what \`npm run deploy\` would do to these stacks: addresses and actions, no values, so that it may be posted anywhere.

  --out    write it to a file (Markdown) too
  --drift  a change is a failure: what is deployed is no longer what the catalog says
  --help   print this

Exit code: 0 planned, 1 it could not be planned, 2 with --drift: there are changes.`;

const env = environmentOf(process.env);

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
  const step = progress(false);
  await needsTerraform();
  await step("synthesizing", () => run(project, ["node", "stacks/main.ts"]));
  const found: Changes[] = [];
  for (const stack of stacks) found.push(await step(`planning ${stack}`, () => planOne(stack)));
  const text = found.map(summarize).join("\n\n");
  console.log(text);
  if (values.out !== undefined) writeFileSync(values.out, `${text}\n`);
  return values.drift && !found.every(isEmpty) ? 2 : 0;
}

async function planOne(stack: string): Promise<Changes> {
  const cwd = join(project, "cdktf.out", "stacks", stack);
  await run(cwd, [terraform, "init", "-input=false"]);
  await run(cwd, [terraform, "plan", "-input=false", "-out=plan.tfplan"]);
  return readChanges(stack, JSON.parse(await run(cwd, [terraform, "show", "-json", "plan.tfplan"])));
}

/** @throws Error with what the command wrote to its standard error: Terraform writes no secret there */
async function run(cwd: string, words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await $({ cwd, env, nothrow: true, quiet: true })`${words}`;
  if (exitCode !== 0) throw new Error(`${words.join(" ")} failed:\n${stderr.trim()}`);
  return stdout;
}

process.exitCode = await plan(process.argv.slice(2)).catch((error: Error) => {
  console.error(`npm run plan: ${error.message}`);
  return 1;
});
