import { type Program, PROMPT } from "../program.ts";

export const continueDev: Program = {
  name: "continue",
  client: "continue",
  from: { npm: "continue", bin: "cn" },
  files: ({ model }) => ({
    ".continue/config.yaml": [
      "name: lab",
      "version: 1.0.0",
      "schema: v1",
      "models:",
      "  - name: lab",
      "    provider: openai",
      "    model: gpt-4o",
      "    apiKey: lab",
      `    apiBase: ${model}/v1`,
      "    roles: [chat]",
      "    capabilities: [tool_use]",
      "",
    ].join("\n"),
  }),
  env: () => ({ CONTINUE_TELEMETRY_ENABLED: "0" }),
  call: ({ file }) => ["--config", file, "--auto", "--print", PROMPT],
};
