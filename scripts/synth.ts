/** `gangway synth`: writes the stacks to cdktf.out. `cdktf` runs it as its app. */
import { defineVerb } from "./kit/verb.ts";

export const synth = defineVerb({
  name: "gangway synth",
  usage: `gangway synth

Writes the stacks to cdktf.out, as Terraform reads them. cdktf.json names it, so that \`npx cdktf deploy local\` works too.`,
  run: async () => void (await import("../stacks/main.ts")),
});
