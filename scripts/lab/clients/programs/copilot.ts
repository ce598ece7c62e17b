import { type Program, PROMPT } from "../program.ts";

export const copilot: Program = {
  name: "copilot",
  client: "copilot",
  from: { npm: "copilot", bin: "copilot" },
  env: ({ model }) => ({
    COPILOT_PROVIDER_TYPE: "openai",
    COPILOT_PROVIDER_BASE_URL: `${model}/v1`,
    COPILOT_PROVIDER_API_KEY: "lab",
    COPILOT_MODEL: "lab",
    COPILOT_OFFLINE: "true",
    COPILOT_AUTO_UPDATE: "false",
  }),
  list: () => ["mcp", "list"],
  call: () => ["--allow-all-tools", "--prompt", PROMPT],
};
