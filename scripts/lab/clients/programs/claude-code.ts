import { type Program, PROMPT } from "../program.ts";

export const claudeCode: Program = {
  name: "claude-code",
  client: "claude-code",
  // The launcher that works without the package's install script.
  from: { npm: "claude-code", bin: "@anthropic-ai/claude-code/cli-wrapper.cjs" },
  env: ({ model }) => ({
    ANTHROPIC_BASE_URL: model,
    ANTHROPIC_API_KEY: "lab",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    ENABLE_TOOL_SEARCH: "false", // the model would have to search for the tool first
  }),
  list: () => ["mcp", "list"],
  listed: /Connected/,
  call: ({ service, tool }) => ["-p", PROMPT, "--allowedTools", `mcp__${service}__${tool}`],
};
