/** What `npx gangway clients` prints. */
import { type Client, type Place, PLACEHOLDER, type Target, type Token } from "../../templates/clients/format.ts";
import { isProgram, render } from "../../templates/clients/render.ts";
import { exportLine } from "../../templates/clients/shell.ts";
import { wayFor } from "../../templates/clients/way.ts";
import { indent, terminalWidth, wrap } from "../kit/table.ts";
import { type Environment, HUB, type Reachable } from "./targets.ts";

/** One configuration in `--json`. */
export interface ClientDocument {
  readonly client: string;
  readonly environment: Environment;
  readonly service: string;
  readonly file: string | null;
  readonly format: Client["kind"];
  readonly text: string;
  readonly command: string | null;
  readonly note: string | null;
}

/** Of a client and one service. */
export function documentOf(client: Client, target: Target, environment: Environment, place: Place): ClientDocument {
  const { file = null, format, text, command = null, note = null } = render(client, [target], place);
  return { client: client.id, environment, service: target.name, file, format, text, command, note };
}

/** Of a client and all services, as a person pastes it. */
export function configuration(client: Client, targets: readonly Target[], place: Place): string {
  const { file, text, command, note } = render(client, targets, place);
  const paragraphs = [
    command,
    file === undefined ? undefined : `${command === undefined ? "In" : "Or in"} ${file}:`,
    text,
    note,
    tokenHelp(client, targets, place),
    notSeen(client),
  ];
  return paragraphs.filter((paragraph) => paragraph !== undefined).join("\n\n");
}

/** How the client learns the token of each service. */
export function tokenHelp(client: Client, targets: readonly Target[], { os }: Place): string | undefined {
  const { tokenBy } = client;
  const ways = targets.map((target) => wayFor(client, target));
  const asked = ways.flatMap(({ name, token }) =>
    token === undefined || token.isOwn ? [] : [{ variable: token.variable, command: tokenCommand(name) }],
  );
  const own = ways.flatMap(({ name, token }) => (token?.isOwn ? [ownHelp(client, name, token)] : []));
  if (asked.length === 0) return own.length === 0 ? undefined : own.join("\n");
  const commands = asked.map(({ command }) => command);
  if (tokenBy === "value") return [`In place of ${PLACEHOLDER}, what this prints:`, ...commands, ...own].join("\n");
  if (tokenBy !== "reference") return ["This prints the token:", ...commands, ...own].join("\n");
  const lines = asked.map(({ variable, command }) => exportLine(variable, command, os));
  return ["In the shell that starts it:", ...lines, ...own].join("\n");
}

/** A token of the API, which its owner has. */
const ownHelp = ({ tokenBy }: Client, service: string, { variable }: Token): string =>
  tokenBy === "reference"
    ? `${variable} holds your own token of the API behind ${service}: set it in the shell that starts the client.`
    : `The token of ${service} is your own of the API behind it, which its server has as ${variable}.`;

const tokenCommand = (service: string) => (service === HUB ? "npx gangway token" : `npx gangway token ${service}`);

/** What nobody has tried. */
function notSeen({ title, checked: { version, how, unverified } }: Client): string | undefined {
  if (unverified === undefined) return undefined;
  const checked = how === "read" ? `Checked only by reading (${version})` : `Tried with ${title} ${version}`;
  return `${checked}. Not verified: ${unverified}.`;
}

/** What is printed when no client is named: which there are, and what they can connect to. */
export function overview(
  clients: readonly Client[],
  reachable: readonly Reachable[],
  environment: Environment,
): string {
  const widest = Math.max(0, ...reachable.map(({ target }) => target.name.length));
  const services = reachable.map(({ target: { name, url }, needs }) => {
    const remark = needs ? `needs ${needs}` : name === HUB ? "all of them as one" : "";
    return `${name.padEnd(widest)}  ${url}  ${remark}`.trimEnd();
  });
  return [
    "Print how to connect a client, to all services or to those that you name:",
    "",
    "  npx gangway clients --client claude-code",
    "  npx gangway clients --client cursor memory",
    "",
    "Clients:",
    ...idsOf(clients.filter((client) => !isProgram(client))),
    "Programs:",
    ...idsOf(clients.filter(isProgram)),
    `Services of ${described[environment]}:`,
    indent(services.join("\n")),
    "",
    "Deployed ones: --environment local-docker, or --environment production.",
    "Any other client that takes a URL works, too; for one that only starts programs: npx gangway connect --help",
  ].join("\n");
}

const idsOf = (some: readonly Client[]) => wrap(some.map(({ id }) => id).join(" "), "  ", terminalWidth());

const described: Readonly<Record<Environment, string>> = {
  local: "npm start",
  "local-docker": "the deployment on this machine",
  production: "the deployment under DOMAIN",
};
