import type { Desk, Program } from "../program.ts";

/**
 * Claude Desktop has no version that runs without a screen. Its file, and the `gangway connect` that this starts, are read
 * here by the MCP Inspector, which takes files of the same format.
 */
export const claudeDesktop: Program = {
  name: "claude-desktop",
  client: "claude-desktop",
  from: { npm: "inspector", bin: "mcp-inspector" },
  list: (desk) => [...asking(desk), "tools/list"],
  listed: /make_stamp/,
  call: (desk) => [
    ...asking(desk),
    "tools/call",
    "--tool-name",
    desk.tool,
    ...Object.entries(desk.args).flatMap(([name, value]) => ["--tool-arg", `${name}=${String(value)}`]),
  ],
};

const asking = ({ file, service }: Desk) => ["--cli", "--config", file, "--server", service, "--method"];
