import { type Desk, type Program, PROMPT } from "../program.ts";

/** The model as OpenCode and Kilo, which is made of it, are told of it. */
export const withModel = ({ model }: Desk): string =>
  JSON.stringify({
    autoupdate: false,
    share: "disabled",
    provider: {
      lab: {
        npm: "@ai-sdk/openai-compatible",
        options: { baseURL: `${model}/v1`, apiKey: "lab" },
        models: { lab: { name: "lab", tool_call: true } },
      },
    },
  });

export const opencode: Program = {
  name: "opencode",
  client: "opencode",
  // The launcher in .bin waits for an install script, which links this.
  from: { npm: "opencode", bin: `opencode-${process.platform}-${process.arch}/bin/opencode` },
  files: (desk) => ({ ".config/opencode/opencode.json": withModel(desk) }),
  env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_MODELS_FETCH: "1" }),
  list: () => ["mcp", "list"],
  listed: /connected/,
  call: () => ["run", "--model", "lab/lab", PROMPT],
};
