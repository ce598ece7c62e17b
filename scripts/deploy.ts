/** `npm run deploy`: the stacks, with what `.env` has for the providers too. */
import { parseArgs } from "node:util";
import { $, which } from "zx";
import { terraform } from "../stacks/terraform.ts";
import { refreshBase } from "./deploy/base.ts";
import { needsDocker, needsTerraform } from "./deploy/needs.ts";
import { needsPorts } from "./deploy/ports.ts";
import { environmentOf, stacksOf } from "./deploy/stacks.ts";
import { progress } from "./local/progress.ts";

const usage = `npm run deploy -- [--yes] [--refresh-base] <stack ...>

Puts stacks up, in the order that they depend on each other: local (this machine's Docker), or edge and services (the
droplet; with DOMAIN set). What is in .env reaches Terraform's providers too. Shows the plan and asks before it applies.

  --yes           do not ask
  --refresh-base  build on the newest base image, and note it in stacks/locks/base.json (commit that)
  --help          print this

Exit code: 0 it is up, 1 it is not.`;

async function deploy(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { yes: { type: "boolean" }, "refresh-base": { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return console.log(usage);
  const step = progress(false);
  const stacks = stacksOf(positionals);
  await step(`looking for ${terraform}`, () => needsTerraform());
  if (stacks.includes("local")) {
    await step("asking Docker", () => needsDocker());
    await needsPorts();
  }
  if (values["refresh-base"]) console.error(`  ${await step("getting the newest base image", () => refreshBase())}`);
  if (!values.yes && !process.stdin.isTTY)
    throw new Error("nobody can be asked here: say --yes to apply without a question");
  console.error(`  deploying ${stacks.join(", ")}`);
  const cdktf = await which("cdktf");
  const flags = ["--skip-provider-lock", ...(values.yes ? ["--auto-approve"] : [])];
  const run = $({ stdio: "inherit", nothrow: true, env: environmentOf(process.env) });
  const { exitCode } = await run`${cdktf} deploy ${stacks} ${flags}`;
  if (exitCode !== 0)
    throw new Error(
      "not everything is up; why not stands above. What served before serves on: mend it and deploy again",
    );
  if (stacks.includes("local"))
    console.error("\n  up. Check it: npm run verify -- --env local-docker. Its token: npm run token");
}

await deploy(process.argv.slice(2)).catch((error: Error) => {
  console.error(`npm run deploy: ${error.message.split("\n")[0]}`);
  process.exitCode = 1;
});
