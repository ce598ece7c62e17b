/** The entry of clients that only start programs, which pass on what they say to the URL. */
import { literal } from "./dialects.ts";
import type { Target } from "./format.ts";

/** It starts without a project, so npx is given the package's own name. */
export const throughConnect = ({ url, token }: Target) => ({
  command: "npx",
  args: ["-y", "gangway-mcp", "connect", url],
  ...(token && { env: { MCP_BEARER_TOKEN: literal(token) } }),
});

/** Where callers log in, mcp-remote does that, and keeps the login. It needs neither a token nor a header. */
export const throughMcpRemote = ({ url }: Target) => ({ command: "npx", args: ["-y", "mcp-remote", url] });

/** The program that connects it. */
export const throughProgram = (target: Target) => (target.hasLogin ? throughMcpRemote(target) : throughConnect(target));

/** What happens with it at a login. */
export const mcpRemoteLogin = (title: string) => (): string =>
  `mcp-remote opens your browser when ${title} starts it, and remembers the login.`;
