import { type Program, PROMPT } from "../program.ts";

export const gemini: Program = {
  name: "gemini",
  client: "gemini",
  from: { npm: "gemini", bin: "gemini" },
  files: () => ({
    ".gemini/settings.json": JSON.stringify({
      security: { auth: { selectedType: "gemini-api-key" } },
      privacy: { usageStatisticsEnabled: false },
      general: { enableAutoUpdate: false },
    }),
  }),
  env: ({ model }) => ({
    GEMINI_API_KEY: "lab",
    GOOGLE_GEMINI_BASE_URL: model,
    GEMINI_CLI_TRUST_WORKSPACE: "true",
  }),
  list: () => ["mcp", "list"],
  listed: /Connected/,
  call: () => ["--model", "gemini-2.5-flash", "--yolo", "--prompt", PROMPT],
};
