/** What `npm start` prints: a line as each service settles, and a summary that repeats none of them. */
import { elapsed } from "../../gateways/live-line.ts";
import { printable } from "../../gateways/printable.ts";
import type { ServiceHealth } from "../kit/hub.ts";
import { type Cell, renderTable, wrap } from "../kit/table.ts";

/** The document of `npx gangway start --json`. */
export function document(services: readonly ServiceHealth[], hub: string, logins?: Logins): object {
  const auth = logins && { issuer: logins.issuer, users: logins.users ?? null, upstream: logins.upstream ?? null };
  return { services: services.map(documentRow), hub, ...(auth && { auth }) };
}

const documentRow = ({ name, url, state, tools, needs, error }: ServiceHealth) => ({
  name,
  url,
  state,
  tools: tools ?? 0,
  needs: needs ?? null,
  error: error ?? null,
});

/** How wide the columns are, which are printed line by line. */
export interface Widths {
  readonly name: number;
  readonly url: number;
}

/** The widths for these services. */
export const widthsFor = (services: readonly ServiceHealth[]): Widths => ({
  name: widest(services.map(({ name }) => name)),
  url: widest(services.map(({ url }) => url)),
});

const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(({ length }) => length));

/** A service that has settled: where it is, with how many tools, and how long that took; or why it failed. @param took milliseconds */
export function settledLines(service: ServiceHealth, took: number, widths: Widths): string[] {
  const { name, url, state, tools, rests, error, unreviewed } = service;
  const head: Cell = { text: name.padEnd(widths.name), style: "bold" };
  const indent = " ".repeat(widths.name);
  if (state !== "up") {
    const [first = "", ...more] = wrap(`failed: ${error ?? "it has not started"}`, `${indent}  `);
    return [...renderTable([[head, { text: first.trim(), style: "red" }]]), ...more];
  }
  const up: Cell[] = [
    head,
    { text: url.padEnd(widths.url) },
    { text: toolsText(tools).padStart(8) },
    { text: rests ? "starts with its first call" : elapsed(took), style: "dim" },
  ];
  const lacks = [...(error ? [lackOf(error)] : []), ...(unreviewed ? [notReviewed(name, unreviewed)] : [])];
  return [...renderTable([up]), ...lacks.flatMap((line) => wrap(line, `${indent}  `))];
}

/** What a service that is up lacks: its own port, or members of a group. */
function lackOf(error: string): string {
  const [, problem] = /^(.*); meanwhile it is on the hub alone$/s.exec(error) ?? [];
  return problem === undefined ? error : `hub only: ${problem}`;
}

/** How many names fit the screen. */
const FEW = 5;

function notReviewed(service: string, tools: readonly string[]): string {
  const rest = tools.length > FEW ? ` and ${tools.length - FEW} more` : "";
  return `not as reviewed: ${tools.slice(0, FEW).join(", ")}${rest}. npx gangway update --review ${service}`;
}

function toolsText(tools: number | null | undefined): string {
  if (tools === null || tools === undefined) return "";
  return tools === 1 ? "1 tool" : `${tools} tools`;
}

/** What is known of a service besides its health. */
export interface Entry {
  readonly name: string;
  /** It is no MCP server, and runs in Docker alone. */
  readonly isApp: boolean;
  /** Where its key comes from. */
  readonly keyUrl?: string | undefined;
  /** A call that does no harm. */
  readonly probe?: { readonly tool: string; readonly arguments: Readonly<Record<string, unknown>> } | undefined;
}

/** Where people log in. */
export interface Logins {
  /** The URL of the authorization server. */
  readonly issuer: string;
  /** The Redis in which it keeps them. @default - a file of this project */
  readonly store?: string | undefined;
  /** How many users it has; undefined = nobody knows. */
  readonly users?: number | undefined;
  /** The other provider that they log in with. @default - accounts of its own */
  readonly upstream?: string | undefined;
  /** The services with logins, and of these the ones that take no token. */
  readonly services: ReadonlySet<string>;
  readonly withoutToken: ReadonlySet<string>;
}

/** What the summary is about. */
export interface Occasion {
  readonly entries: readonly Entry[];
  readonly hub: string;
  readonly log: string;
  /** Whether callers are asked for a token. */
  readonly isAsked: boolean;
  /** Whether each that waits for something has a line of its own. */
  readonly all: boolean;
  /** @default - no service has logins */
  readonly logins?: Logins | undefined;
}

/** How many of the MCP servers are up. */
export function countLine(services: readonly ServiceHealth[], hub: string): string {
  const up = services.filter(({ state }) => state === "up").length;
  const of = `${up} of ${services.length} ${services.length === 1 ? "server is" : "servers are"} up`;
  return up === 0 ? of : `${of}, all as one at ${hub}/mcp`;
}

/** How many are up, what the others wait for, and what to do next. */
export function summary(services: readonly ServiceHealth[], occasion: Occasion): string[] {
  const { entries, hub, log, all, logins } = occasion;
  const apps = new Set(entries.filter(({ isApp }) => isApp).map(({ name }) => name));
  const servers = services.filter(({ name }) => !apps.has(name));
  const up = servers.filter(({ state }) => state === "up");
  const waiting = servers.filter(({ state }) => state === "needs");
  return [
    countLine(servers, hub),
    ...waitingLines(waiting, entries, all),
    ...appLines(services.filter(({ name }) => apps.has(name))),
    "",
    ...(logins === undefined ? [] : [loginLine(logins)]),
    ...tryLines(up, occasion),
    `See      ${hub} in a browser`,
    `Logs     npx gangway logs    (${log})`,
    "Check    npx gangway verify  (in a second terminal)",
    "Stop     Ctrl-C",
  ];
}

/** What fits beside the margin on a terminal of 100 columns. */
const LINE = 98;

/** One line for all that wait; with `all`, one for each. */
function waitingLines(waiting: readonly ServiceHealth[], entries: readonly Entry[], all: boolean): string[] {
  if (waiting.length === 0) return [];
  const sourceOf = (name: string) => entries.find((entry) => entry.name === name)?.keyUrl;
  const each = waiting.map(({ name, needs }) => {
    const source = sourceOf(name);
    return printable(`${name}: ${needs}${source === undefined ? "" : ` (${source})`}`);
  });
  if (all) return each.flatMap((text) => wrap(`Waiting  ${text}`, ""));
  const whole = `Waiting  ${each.join(", ")}`;
  if (whole.length <= LINE) return [whole];
  const count = waiting.length === 1 ? "1 needs" : `${waiting.length} need`;
  const start = `Waiting  ${count} a key or Docker`;
  const how = "npx gangway status lists them"; // start --all would, but not while this one runs
  const named = `${start} (${waiting.map(({ name }) => name).join(", ")}): ${how}`;
  return [named.length <= LINE ? named : `${start}: ${how}`];
}

const appLines = (apps: readonly ServiceHealth[]): string[] =>
  apps.length === 0
    ? []
    : [`Apps     ${apps.map(({ name }) => name).join(", ")}: in Docker only, with npx gangway deploy local`];

/** Where people log in, and what to do first. */
function loginLine({ issuer, store, users, upstream }: Logins): string {
  const place = printable(`Logins   ${issuer}${store === undefined ? "" : `, kept in ${store}`}`);
  if (upstream !== undefined) return printable(`${place}, with an account at ${upstream}`);
  if (users === 0) return `${place}, no user yet: npx gangway users add you@example.org`;
  const count = users === undefined ? "" : users === 1 ? ", 1 user" : `, ${users} users`;
  return `${place}${count}: npx gangway users list`;
}

/** One call that works, and how a client is connected: of a service that has a harmless call, if there is one. */
function tryLines(up: readonly ServiceHealth[], { entries, isAsked, logins }: Occasion): string[] {
  const probeOf = ({ name }: ServiceHealth) => entries.find((entry) => entry.name === name)?.probe;
  const example = up.find((service) => probeOf(service) !== undefined) ?? up[0];
  if (example === undefined) return [];
  const { name, url } = example;
  const probe = probeOf(example);
  const args = JSON.stringify(probe?.arguments ?? {}).replaceAll("'", "'\\''");
  const trial =
    probe === undefined
      ? `Try      npx gangway tools ${name}`
      : `Try      npx gangway call ${name} ${probe.tool} '${args}'`;
  return [
    ...(logins?.withoutToken.has(name) ? [] : [trial]), // our own verbs do not log in
    isAsked && !logins?.services.has(name)
      ? `Connect  npx gangway clients --client claude-code ${name}`
      : printable(`Connect  claude mcp add --transport http ${name} ${url}`),
    "Clients  npx gangway clients  (Cursor, Codex, VS Code and 30 others)",
  ];
}
