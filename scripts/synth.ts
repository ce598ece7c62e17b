/** `gangway synth`: writes the stacks to cdktf.out. `cdktf` runs it as its app. */
import { needsCloudPackages } from "../stacks/cloud-packages.ts";
import { project } from "../stacks/project.ts";
import { lockServers } from "./deploy/locks.ts";
import { tell } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";

export const synth = defineVerb({
  name: "gangway synth",
  usage: `npx gangway synth

Writes the stacks to cdktf.out, as Terraform reads them. cdktf.json names it, so that \`npx cdktf deploy local\` works too.

  --help   print this`,
  run: async () => {
    needsCloudPackages();
    for (const line of await lockServers()) tell(line);
    process.chdir(project); // where cdktf.out belongs
    await import("../stacks/main.ts");
    return Number(process.exitCode ?? 0);
  },
});
