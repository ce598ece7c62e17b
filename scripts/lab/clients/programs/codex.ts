import { type Program, PROMPT } from "../program.ts";

export const codex: Program = {
  name: "codex",
  client: "codex",
  from: { npm: "codex", bin: "codex" },
  list: () => ["mcp", "list"],
  call: ({ model }) => [
    "exec",
    "--skip-git-repo-check",
    "--dangerously-bypass-approvals-and-sandbox",
    '--config=model_provider="lab"',
    '--config=model="lab"',
    `--config=model_providers.lab={name="lab",base_url="${model}/v1",wire_api="responses"}`,
    PROMPT,
  ],
};
