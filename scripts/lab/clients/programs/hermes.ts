import { type Program, PROMPT } from "../program.ts";

export const hermes: Program = {
  name: "hermes",
  client: "hermes",
  from: { pypi: ["hermes-agent==0.19.0", "mcp<2"], bin: "hermes" },
  files: ({ model }) => ({
    ".hermes/config.yaml": [
      "model:",
      "  default: lab",
      "  provider: custom",
      `  base_url: ${model}/v1`,
      "  api_key: lab",
      "",
    ].join("\n"),
  }),
  list: ({ service }) => ["mcp", "test", service],
  listed: /make_stamp/,
  call: () => ["--yolo", "-z", PROMPT],
};
