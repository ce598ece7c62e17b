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
  variableOf,
} from "../../gateways/config.ts";
import { passedOptions, reserved } from "./gateway-options.ts";
import { appOptions } from "./kinds/app.ts";
import { type OptionTable, ownOptions } from "./options.ts";

type Table = Readonly<Record<string, Option<unknown>>>;

const INTRODUCTION = `# Every option of a gateway

An option has up to four spellings:

- a flag of the command line. Beside \`--config\`, those of the first table are refused, but for the tokens: the file names the servers;
- an environment variable: \`GANGWAY_PORT\`. In a container, and where no flag and no file is given, the name also works without
  \`GANGWAY_\` (\`PORT\`); elsewhere such a name is most likely another program's, and is not read. \`<VARIABLE>_FILE\` names a file that
  holds the value instead. Beside \`--config\` a variable of the first table has no effect, which the log says;
- a key of gateway.json: at the top, for every service, or in the entry of one service under \`mcpServers\`;
- an option of a catalog entry (\`stacks/services.ts\`), which reaches the container and \`npm start\` alike.

A flag wins over a variable, a variable over the top of the file, and that over the default. What the entry of a service sets is that
service's own and wins over them all, since it is the more special. \`npm start\` passes variables and \`.env\` on in the same way.

Durations are written \`500ms\`, \`30s\`, \`15m\`, \`2h\` or \`1d\`, sizes \`4096\`, \`64KiB\` or \`10MiB\`, rates \`50/s\` or \`100/15m\`.

This page is generated: \`npm run reference\`.

## gateway.json

\`\`\`json
{
  "port": 3000,
  "mcpServers": { "memory": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"] } }
}
\`\`\`

The default of \`port\` is 3000 here. A file without servers starts a hub that says how to add one.

- **References.** In every text \`\${NAME}\` and \`\${env:NAME}\` are the value of a variable (or what is in the file that \`NAME_FILE\` names), and
  \`\${NAME:-default}\` has a default for one that is unset or empty. A server whose variable is missing is not started and says what it
  needs; a missing variable anywhere else is an error. What looks like a reference and is none (\`$NAME\`, \`%NAME%\`, \`{env:NAME}\`) is
  passed on as it is, with a warning. \`\${input:...}\` of VS Code is an error.
- **Files of clients.** \`servers\` (VS Code), \`context_servers\` (Zed), \`mcp\` (OpenCode) and \`amp.mcpServers\` are \`mcpServers\`;
  comments and a comma after the last value are skipped; \`transport\` is \`type\` (\`stdio\`, \`http\`, \`streamable-http\`, \`sse\`);
  \`serverUrl\`, \`httpUrl\` and \`baseUrl\` are \`url\`; \`"disabled": true\` leaves a server out; \`envFile\` adds variables; \`timeout\` is
  \`requestTimeout\`: a number is seconds up to 3600 and milliseconds above, as clients write it. What only a client can use
  (\`autoApprove\`, \`description\`, \`excludeTools\`, ...) has no effect, and one line of the log names it. Any other unknown key is an error.
- **Sections**, as other gateways have them: \`"cors": { "enabled": true, "origins": ["*"] }\` is \`allowedOrigins\`,
  \`"rateLimit": { "enabled": true, "max": 100, "window": "15m" }\` is \`requestRate\` and \`requestBurst\`, and
  \`"session": { "secret": "...", "maxAge": 3600000 }\` is \`sessionSecret\` and \`idleTtl\` (in milliseconds). A secret from an example is
  refused: \`openssl rand -hex 32\` makes one, and a gateway that stands alone needs none.
`;

const FOR_SERVICES = "In gateway.json these are keys of the top, for every service, or of an entry, for that service.";

/** How gateway.json spells what flags and variables say of their one server. */
const serverKeys: Readonly<Record<keyof typeof serverOptions, string>> = {
  stdio: "`command`, `args`",
  env: "`env`",
  serverSocket: "",
  url: "`url`",
  urlType: "`type`",
  group: "`group`",
  name: "its key",
  serviceVersion: "`version`",
  token: "`tokens`",
  tokenFile: "",
  tokenDigests: "`tokenDigests`",
  namedTokens: "`namedTokens`",
  acceptServiceToken: "`acceptServiceToken`",
  verifySecret: "`verifySecret`",
  upstreamToken: "`headers`",
};

const own = (key: string) => `\`${key}\``;

/** The whole page. */
export function reference(): string {
  return [
    INTRODUCTION,
    section("The server", "In gateway.json these are keys of an entry.", serverOptions, (key) => serverKeys[key]),
    section("Sessions and processes", FOR_SERVICES, serviceOptions, own),
    section("Limits and logging", FOR_SERVICES, sharedOptions, own),
    section("Listening and stopping", "In gateway.json these are keys of the top.", gatewayOptions, own),
    entrySection(
      "What only a catalog entry has",
      "These concern the deployment of a service; `npm start` heeds those that mean something without containers.",
      ownOptions,
    ),
    entrySection(
      "What only an app() has",
      "It also has the options above, except `acceptServiceToken`, `egress` and `probe`.",
      appOptions,
    ),
    "## What a catalog entry cannot set\n",
    ...Object.entries(reserved).map(([key, reason]) => `- \`${key}\`: ${asText(reason)}`),
    "",
  ].join("\n");
}

/** `<name>` outside of code would be an element of HTML. */
const asText = (words: string) => words.replaceAll("<", "\\<");

function section<Key extends string>(
  title: string,
  where: string,
  options: Readonly<Record<Key, Option<unknown>>>,
  fileKey: (key: Key) => string,
): string {
  const rows = (Object.entries(options) as [Key, Table[string]][]).map(([key, option]) => [
    `\`${flagOf(key)}\``,
    `\`${variableOf(option)}\``,
    fileKey(key),
    key in passedOptions || key in ownOptions ? `\`${key}\`` : "",
    option.default === undefined ? "" : `\`${option.default}\``,
    withPatternsAsCode(option.help),
  ]);
  const head = ["Flag", "Variable", "gateway.json", "Entry", "Default", "What it is"];
  return `## ${title}\n\n${where}\n\n${table(head, rows)}\n`;
}

/** A star outside of code begins an emphasis in Markdown, and a formatter rewrites what it takes for one. */
const withPatternsAsCode = (help: string) => help.replaceAll(/\S*\*(?:\S*[^\s;,:.)])?/g, "`$&`");

function entrySection(title: string, where: string, options: OptionTable): string {
  const rows = Object.entries(options).map(([key, { default: fallback, expected, help }]) => [
    `\`${key}\``,
    fallback === undefined || typeof fallback === "function" ? "" : `\`${JSON.stringify(fallback)}\``,
    expected.replaceAll("<", "&lt;"),
    withPatternsAsCode(help),
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
