import { type Program, PROMPT } from "../program.ts";

export const clineCli: Program = {
  name: "cline-cli",
  client: "cline-cli",
  from: { npm: "cline-cli", bin: "cline" },
  setUp: ({ model }) => [
    "auth",
    "--provider",
    "openai",
    "--apikey",
    "lab",
    "--modelid",
    "lab",
    "--baseurl",
    `${model}/v1`,
  ],
  call: () => ["--auto-approve", "true", "--timeout", "60", PROMPT],
};
