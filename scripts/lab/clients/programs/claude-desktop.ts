import type { Program } from "../program.ts";

/**
 * Claude Desktop has no version that runs without a screen. Its file, and the `gangway connect` that this starts, are read
 * here by the MCP Inspector, which takes files of the same format.
 */
export const claudeDesktop: Program = {
  name: "claude-desktop",
  client: "claude-desktop",
  from: { npm: "inspector", bin: "mcp-inspector" },
  list: ({ file, service }) => ["--cli", "--config", file, "--server", service, "--method", "tools/list"],
  listed: /make_stamp/,
  call: ({ file, service, tool, args }) => [
    ...["--cli", "--config", file, "--server", service, "--method", "tools/call", "--tool-name", tool],
    ...Object.entries(args).flatMap(([name, value]) => ["--tool-arg", `${name}=${String(value)}`]),
  ],
};
