/** `npm run deploy`: the stacks, with what `.env` has for the providers too. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { terraform } from "../stacks/terraform.ts";
import { refreshBase } from "./deploy/base.ts";
import { needsDocker, needsTerraform } from "./deploy/needs.ts";
import { needsPorts } from "./deploy/ports.ts";
import { environmentOf, stacksOf } from "./deploy/stacks.ts";
import { stepOf } from "./deploy/steps.ts";
import { synthesize } from "./deploy/synth.ts";
import { isTooEarly, StackFolder } from "./deploy/terraform.ts";
import { progress } from "./kit/progress.ts";
import { type Changes, headline, isEmpty, summarize } from "./deploy/changes.ts";

const usage = `npm run deploy -- [--yes] [--refresh-base] [--migrate-state] <stack ...>

Puts stacks up, in the order that they depend on each other: local (this machine's Docker), or edge and services (the
droplet; with DOMAIN set). What is in .env reaches Terraform's providers too. Shows the plan and asks before it applies.

  --yes            do not ask
  --refresh-base   build on the newest base image, and note it in stacks/locks/base.json (commit that)
  --migrate-state  take the state along to where STATE_BUCKET and STATE_ENDPOINT say now (or, without them, back); it
                   replaces the one that is there
  --help           print this

Exit code: 0 it is up, 1 it is not.`;

const step = progress(false);

async function deploy(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      yes: { type: "boolean" },
      "refresh-base": { type: "boolean" },
      "migrate-state": { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return console.log(usage);
  const stacks = stacksOf(positionals);
  await step(`looking for ${terraform}`, () => needsTerraform());
  if (stacks.includes("local")) {
    await step("asking Docker", () => needsDocker());
    await needsPorts();
  }
  if (values["refresh-base"]) console.error(`  ${await step("getting the newest base image", () => refreshBase())}`);
  if (!values.yes && !process.stdin.isTTY)
    throw new Error("nobody can be asked here: say --yes to apply without a question");
  const env = environmentOf(process.env);
  console.error(indent(await step("synthesizing", () => synthesize(env, stacks))));
  for (const stack of stacks)
    await deployStack(new StackFolder(stack, env), { yes: values.yes, migrateState: values["migrate-state"] });
  if (stacks.includes("local"))
    console.error("\n  up. Check it: npm run verify -- --env local-docker. Its token: npm run token");
}

interface DeployOptions {
  readonly yes: boolean | undefined;
  readonly migrateState: boolean | undefined;
}

async function deployStack(folder: StackFolder, { yes = false, migrateState = false }: DeployOptions): Promise<void> {
  try {
    const changes = await step(`planning ${folder.stack}`, () => planOf(folder, migrateState));
    console.error(indent(yes ? headline(changes) : summarize(changes)));
    if (!yes && !isEmpty(changes)) await ask(folder.stack);
    if (!(await folder.apply(tell)))
      throw new Error(
        folder.isInterrupted
          ? "interrupted; the next deploy does the rest"
          : "not everything is up; why not stands above. What served before serves on: mend it and deploy again",
      );
  } finally {
    folder.forgetPlan();
  }
}

async function planOf(folder: StackFolder, migrateState: boolean): Promise<Changes> {
  return folder.plan({ migrateState }).catch((error: Error) => {
    if (!isTooEarly(error)) throw error;
    throw new Error(`${folder.stack} needs what edge makes: npm run deploy -- edge ${folder.stack}`, { cause: error });
  });
}

async function ask(stack: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(terminal, "close").then(() => ""); // Ctrl-C or Ctrl-D: nobody answers any more
  const answer = await Promise.race([terminal.question(`  deploy ${stack}? [y/N] `).catch(() => ""), closed]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error(`${stack} was not changed`);
}

function tell(event: unknown): void {
  const line = stepOf(event);
  if (line !== undefined) console.error(indent(line));
}

const indent = (lines: string) => lines.replace(/^(?=.)/gm, "  ");

// A terminal that goes away is no reason to leave Terraform alone in the middle of an apply.
process.stderr.on("error", () => {});

await deploy(process.argv.slice(2)).catch((error: Error) => {
  console.error(`npm run deploy: ${error.message}`);
  process.exitCode = 1;
});
