import { type Program, PROMPT } from "../program.ts";

export const hermes: Program = {
  name: "hermes",
  client: "hermes",
  from: { pypi: ["hermes-agent[mcp]==0.19.0", "mcp==1.26.0"], bin: "hermes" },
  files: ({ model }) => ({
    ".hermes/config.yaml": [
      "model:",
      "  provider: custom",
      "  default: lab",
      "  api_key: lab",
      `  base_url: ${model}/v1`,
      "",
    ].join("\n"),
  }),
  list: ({ service }) => ["mcp", "test", service],
  listed: /make_stamp/,
  call: () => ["chat", "--quiet", "--yolo", "--query", PROMPT],
};
