/** gateways/CONFIG.md, made from the tables of options: `npm run reference`. */
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import {
  flagOf,
  gatewayOptions,
  type Option,
  serverOptions,
  serviceOptions,
  sharedOptions,
} from "../../gateways/config.ts";
import { passedOptions, reserved } from "./gateway-options.ts";
import { appOptions } from "./kinds/app.ts";
import { type OptionTable, ownOptions } from "./options.ts";

type Table = Readonly<Record<string, Option<unknown>>>;

const INTRODUCTION = `# Every option of a gateway

An option has up to four spellings:

- a flag of the command line, for one server. Beside \`--config\` only \`--token\`, \`--token-file\`, \`--token-digests\` and the flags of the last two tables are allowed;
- an environment variable, which is how a container is configured. \`<VARIABLE>_FILE\` names a file that holds the value instead. A
  flag wins over a variable. Beside \`--config\` only MCP_BEARER_TOKEN and MCP_TOKEN_DIGESTS are read, and what the file refers to as \`\${NAME}\`;
- a key of gateway.json: at the top, or in the entry of a service under \`mcpServers\`. An entry wins over a flag, and a flag over the
  top of the file, where the default of \`port\` is 3000. The file also has \`cors\`, \`rateLimit\` and \`session\`, as other gateways do;
- an option of a catalog entry (\`stacks/services.ts\`), which reaches the container and \`npm start\` alike.

Durations are written \`500ms\`, \`30s\`, \`15m\`, \`2h\` or \`1d\`, sizes \`4096\`, \`64KiB\` or \`10MiB\`, rates \`50/s\` or \`100/15m\`.

This page is generated: \`npm run reference\`.
`;

/** How gateway.json spells what flags and variables say of their one server. */
const serverKeys: Readonly<Record<keyof typeof serverOptions, string>> = {
  stdio: "`command`, `args`",
  env: "`env`",
  url: "`url`",
  urlType: "`type`",
  name: "its key",
  serviceVersion: "`version`",
  token: "`tokens`",
  tokenFile: "",
  tokenDigests: "`tokenDigests`",
  acceptServiceToken: "`acceptServiceToken`",
  upstreamToken: "`headers`",
};

const own = (key: string) => `\`${key}\``;

/** The whole page. */
export function reference(): string {
  return [
    INTRODUCTION,
    section("The server", "In gateway.json these are keys of an entry.", serverOptions, (key) => serverKeys[key]),
    section("Sessions and processes", "In gateway.json these are keys of an entry.", serviceOptions, own),
    section(
      "Limits and logging",
      "In gateway.json these are keys of the top, for every service, or of an entry, for that service.",
      sharedOptions,
      own,
    ),
    section("Listening and stopping", "In gateway.json these are keys of the top.", gatewayOptions, own),
    entrySection(
      "What only a catalog entry has",
      "These concern the deployment of a service; `npm start` heeds those that mean something without containers.",
      ownOptions,
    ),
    entrySection(
      "What only an app() has",
      "It also has the options above, except `acceptServiceToken` and `probe`.",
      appOptions,
    ),
    "## What a catalog entry cannot set\n",
    ...Object.entries(reserved).map(([key, reason]) => `- \`${key}\`: ${reason}`),
    "",
  ].join("\n");
}

function section<Key extends string>(
  title: string,
  where: string,
  options: Readonly<Record<Key, Option<unknown>>>,
  fileKey: (key: Key) => string,
): string {
  const rows = (Object.entries(options) as [Key, Table[string]][]).map(([key, { env, default: fallback, help }]) => [
    `\`${flagOf(key)}\``,
    `\`${env}\``,
    fileKey(key),
    key in passedOptions || key in ownOptions ? `\`${key}\`` : "",
    fallback === undefined ? "" : `\`${fallback}\``,
    help,
  ]);
  const head = ["Flag", "Variable", "gateway.json", "Entry", "Default", "What it is"];
  return `## ${title}\n\n${where}\n\n${table(head, rows)}\n`;
}

function entrySection(title: string, where: string, options: OptionTable): string {
  const rows = Object.entries(options).map(([key, { default: fallback, expected, help }]) => [
    `\`${key}\``,
    fallback === undefined || typeof fallback === "function" ? "" : `\`${JSON.stringify(fallback)}\``,
    expected.replaceAll("<", "&lt;"),
    help,
  ]);
  return `## ${title}\n\n${where}\n\n${table(["Entry", "Default", "Expects", "What it is"], rows)}\n`;
}

/** A Markdown table, aligned as the project's formatter aligns it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

if (argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(reference());
