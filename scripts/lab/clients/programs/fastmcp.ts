import type { Program } from "../program.ts";

/** It reads files of Claude Desktop's format. */
export const fastmcp: Program = {
  name: "fastmcp",
  client: "claude-desktop",
  from: { pypi: ["fastmcp==4.2.3", "mcp==2.3.0"], bin: "fastmcp" },
  list: ({ file }) => ["list", file],
  listed: /make_stamp/,
  call: ({ file, tool, args }) => ["call", file, tool, "--input-json", JSON.stringify(args)],
};
