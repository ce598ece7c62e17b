/** What a gateway tells the person who started it: from its state to lines. */
import { elapsed } from "./live-line.ts";

/** A service, as far as the screen shows it. */
export interface Shown {
  readonly name: string;
  readonly state: string;
  readonly tools: number | undefined;
  /** Whether the first call starts it. */
  readonly rests: boolean;
  readonly needs: string | undefined;
  readonly error: string | undefined;
  readonly url: string;
}

/** What is about to happen. @param what such as "memory" or "the servers in gateway.json" */
export const firstLine = (version: string, what: string): string => `gangway ${version}, starting ${what}`;

/** How a service has settled. @param took milliseconds */
export function serviceLine({ name, state, tools, rests, needs, error, url }: Shown, took: number): string {
  if (state === "needs") return `${name}: needs ${needs}`;
  if (state !== "up") return `${name}: ${state} after ${elapsed(took)}: ${error}`;
  const only = error === undefined ? "" : `\n  ${error}`;
  const what = rests ? "starts with its first call" : `${toolsText(tools)}, ${elapsed(took)}`;
  return `${name}: ${url} (${what})${only}`;
}

function toolsText(tools: number | undefined): string {
  if (tools === undefined) return "it does not list its tools";
  return tools === 1 ? "1 tool" : `${tools} tools`;
}

/** Who still starts, and what that may wait for: a first start of npx or uvx is an install. */
export const waitingName = ({
  name,
  runner,
}: {
  readonly name: string;
  readonly runner: string | undefined;
}): string => (runner === undefined ? name : `${name} (${runner} may be installing it)`);

/** Who still starts, for a screen on which nothing moves. @param took milliseconds */
export const waitingLine = (names: readonly string[], took: number): string =>
  `  still starting after ${Math.round(took / 1_000)} s: ${names.join(", ")}`;

/** What there is to know once all have settled. */
export interface Ready {
  /** The first service that is up, and its URL on this machine. */
  readonly example: { readonly name: string; readonly url: string } | undefined;
  /** Where other machines reach it; none when it listens on loopback alone. */
  readonly network: readonly string[];
  /** How a caller shows the token; undefined where none is asked for. */
  readonly token: string | undefined;
}

/** Where it is, how to connect and how to stop. */
export function readyLines({ example, network, token }: Ready): string[] {
  if (example === undefined) return ["", "  Stop     Ctrl-C"];
  const header = token === undefined ? "" : ` --header "Authorization: Bearer ${token}"`;
  return [
    "",
    ...(network.length === 0 ? [] : [`  Local    ${example.url}`, ...network.map((url) => `  Network  ${url}`)]),
    `  Connect  claude mcp add --transport http ${example.name} ${example.url}${header}`,
    `  Try      npx gangway-mcp tools ${example.url}`,
    "  Stop     Ctrl-C",
  ];
}

/** What another configuration changes, as it is told. */
export interface ShownChanges {
  readonly added: readonly { readonly name: string }[];
  readonly changed: readonly { readonly config: { readonly name: string }; readonly keys: readonly string[] }[];
  readonly gone: readonly string[];
  readonly waiting: readonly string[];
}

/** What is about to become of the services, as a diff. @param file such as "gateway.json" */
export function changeLines(file: string, { added, changed, gone, waiting }: ShownChanges): string[] {
  const lines = [
    ...added.map(({ name }) => `  + ${name}`),
    ...changed.map(({ config, keys }) => `  ~ ${config.name} (${keys.join(", ")})`),
    ...gone.map((name) => `  - ${name}`),
    ...(waiting.length === 0
      ? []
      : [`  ! ${waiting.join(", ")}: restart to take ${waiting.length === 1 ? "it" : "them"}`]),
  ];
  return lines.length === 0 ? [`${file}: nothing has changed`] : [`${file} has changed:`, ...lines];
}

/** A configuration that cannot be used. */
export const refusedLines = (file: string, why: string): string[] => [
  `${file} has changed, and is wrong: what runs goes on`,
  ...why.split("\n").map((line) => `  ${line}`),
];

/** A service whose new server does not run. */
export const keptLine = (name: string, reason: string): string =>
  `${name}: not replaced, the one before goes on: ${reason}`;

/** A service that is there no longer. */
export const endedLine = (name: string): string => `${name}: ended`;

/** What Ctrl-C does, while it does it. */
export function stoppingLine(openCalls: number): string {
  const waiting = openCalls === 0 ? "" : `: waiting for ${openCalls === 1 ? "1 call" : `${openCalls} calls`}`;
  return `stopping${waiting}; Ctrl-C again stops at once`;
}
