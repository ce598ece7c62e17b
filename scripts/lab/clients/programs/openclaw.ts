import { type Program, PROMPT } from "../program.ts";

export const openclaw: Program = {
  name: "openclaw",
  client: "openclaw",
  from: { npm: "openclaw", bin: "openclaw" },
  files: ({ model }) => ({
    ".openclaw/openclaw.json": JSON.stringify({
      tools: { toolSearch: false }, // the model would have to search for the tool first
      agents: { defaults: { model: { primary: "lab/lab" } } },
      models: {
        providers: {
          lab: {
            baseUrl: `${model}/v1`,
            apiKey: "lab",
            api: "openai-completions",
            models: [{ id: "lab", name: "lab", contextWindow: 128_000, maxTokens: 4_096 }],
          },
        },
      },
    }),
  }),
  list: () => ["mcp", "probe"],
  call: () => ["agent", "--local", "--agent", "main", "--message", PROMPT],
  patience: 240_000,
};
