import { type Program, PROMPT } from "../program.ts";

export const qwen: Program = {
  name: "qwen",
  client: "qwen",
  from: { npm: "qwen", bin: "qwen" },
  files: () => ({
    ".qwen/settings.json": JSON.stringify({
      tools: { toolSearch: { enabled: false } }, // the model would have to search for the tool first
      security: { auth: { selectedType: "openai" } },
      privacy: { usageStatisticsEnabled: false },
      general: { enableAutoUpdate: false },
    }),
  }),
  env: ({ model }) => ({ OPENAI_API_KEY: "lab", OPENAI_BASE_URL: `${model}/v1`, OPENAI_MODEL: "lab" }),
  list: () => ["mcp", "list"],
  listed: /Connected/,
  call: () => ["--yolo", "--auth-type", "openai", "--prompt", PROMPT],
};
