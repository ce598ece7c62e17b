/** The text of --help, made from the tables of options. */
import {
  flagOf,
  gatewayOptions,
  serverOptions,
  serviceOptions,
  sharedOptions,
  variableOf,
  type Option,
} from "../config.ts";

const INTRODUCTION = `gangway: puts stdio MCP servers online

  gangway --stdio "<command line>" [--port 8080]   one stdio server at http://127.0.0.1:8080/mcp
  gangway --url <URL> [--port 8080]                one server that speaks Streamable HTTP already
  gangway --config gateway.json                    several, each under /<name>/mcp
  gangway --help, --version

Every flag can also be set by the environment variable beside it, or by a file that <VARIABLE>_FILE names; a flag wins.
In a container, and where no flag and no file is given, the variables also work without GANGWAY_.
`;

/** All flags with their variables and defaults. */
export function helpText(): string {
  return [
    INTRODUCTION,
    section("Server", serverOptions),
    section("Sessions and processes", serviceOptions),
    section("Limits and logging", sharedOptions),
    section("Listening and stopping", gatewayOptions),
    `In gateway.json the keys are those of the flags in camelCase (idleTtl): in the entry of a service, or at the top for all services;
those of listening and stopping only at the top. Flags and variables win over the top of the file, and an entry over them:
  {"port": 3000, "mcpServers": {"memory": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"]}}}
Exit codes: 0 after SIGTERM or Ctrl-C, 1 when it cannot start, 2 when what was set is wrong.
`,
  ].join("\n");
}

function section(title: string, options: Record<string, Option<unknown>>): string {
  const rows = Object.entries(options).map(([key, option]) => {
    const { default: fallback, help } = option;
    const names = `  ${flagOf(key).padEnd(18)} ${variableOf(option).padEnd(24)}`;
    return `${names} ${help}${fallback === undefined ? "" : ` [${fallback}]`}`;
  });
  return `${title}:\n${rows.join("\n")}\n`;
}
