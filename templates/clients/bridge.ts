/** The entry of clients that only start programs: `gangway connect` passes on what they say to the URL. */
import { literal } from "./dialects.ts";
import type { Target } from "./format.ts";

/** It starts without a project, so npx is given the package's own name. */
export const throughConnect = ({ url, token }: Target) => ({
  command: "npx",
  args: ["-y", "gangway-mcp", "connect", url],
  ...(token && { env: { MCP_BEARER_TOKEN: literal(token) } }),
});
