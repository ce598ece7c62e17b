/** What a catalog entry is made of, and the check that every entry goes through. The entries are in services.ts. */
import { findProblems } from "./check.ts";
import { nearest } from "./nearest.ts";

/** Where a service's answers come from. Made by the builders below, never by hand. */
export type Server =
  | { readonly kind: "npm" | "pypi"; readonly package: string; readonly args: readonly string[] }
  | { readonly kind: "image"; readonly image: string; readonly command: readonly string[] }
  | { readonly kind: "command"; readonly command: readonly string[] }
  | { readonly kind: "http" | "sse"; readonly url: string }
  | { readonly kind: "app"; readonly image: string };

/** One harmless tool call, with which `npm run verify` shows that the whole way works. */
export interface Probe {
  readonly tool: string;
  /** @default {} */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** One service, as it is written in services.ts: its key there is its name in every layer. */
export interface ServiceEntry {
  /** What answers: npm(), pypi(), command(), image(), http() or sse(). */
  readonly server: Server;
  /** The port of this service, here and in its container. `PORT_<SERVICE>` moves it on this machine. */
  readonly port: number;
  /**
   * The DNS label under your domain.
   * @default - the service's key
   */
  readonly hostname?: string;
  /**
   * Names of the environment variables that it cannot run without. Each reaches the server under the same name;
   * for http() and sse() the first is the bearer token that we send. Values are in the environment or in `.env`.
   * @default []
   */
  readonly secrets?: readonly string[];
  /**
   * Like `secrets`, but it runs without them too (Firecrawl's keyless mode).
   * @default []
   */
  readonly optionalSecrets?: readonly string[];
  /**
   * Further environment of the server: plain values, no secrets.
   * @default {}
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What outlives a restart: path in the container to name of the volume. Without containers, `npm start` gives the
   * volume a folder under `.gangway/data`, and `env` values and arguments below the path follow it there.
   * @default {}
   */
  readonly volumes?: Readonly<Record<string, string>>;
  /**
   * "session": a process of its own for each session. "shared": one process for all sessions, for servers whose
   * state is one for everybody; such a server cannot ask its client back (sampling, elicitation, roots).
   * @default "session"
   */
  readonly isolation?: "session" | "shared";
  /**
   * One call at a time, for servers that lose writes otherwise. Only with `isolation: "shared"`.
   * @default false
   */
  readonly serial?: boolean;
  /**
   * Whether a session may go on in a new process after its own has ended. `false` for servers that keep a
   * conversation in memory: their sessions end with the process.
   * @default true
   */
  readonly revive?: boolean;
  /**
   * How long a session may be idle before it ends: "90s", "30m", "12h".
   * @default "30m"
   */
  readonly idleTtl?: string;
  /**
   * Memory of its container in MB. With `isolation: "session"` it also decides how many server processes there are at
   * once: one for each 64 MB beyond the gateway's own 128; who comes after that waits for the one idle longest to sleep.
   * @default 512
   */
  readonly memory?: number;
  /**
   * The API with which a caller's own token will be checked. Bearer tokens are in force until that check exists.
   * @default - bearer tokens
   */
  readonly verify?: "coda" | "github" | "firecrawl";
  /**
   * The tool call of `npm run verify`. It must change nothing and need no network.
   * @default - no tool is called
   */
  readonly probe?: Probe;
}

/** A checked entry with its name and all defaults filled in: what the stacks and the scripts read. */
export interface Service extends Required<Omit<ServiceEntry, "verify" | "probe">> {
  readonly name: string;
  readonly verify?: "coda" | "github" | "firecrawl";
  readonly probe?: Required<Probe>;
}

/** An MCP server from npm, at an exact version: `npm("pkg@1.2.3", ["stdio"])`. */
export const npm = (spec: string, args: readonly string[] = []): Server => ({ kind: "npm", package: spec, args });

/** An MCP server from PyPI, at an exact version: `pypi("pkg==1.2.3")`. */
export const pypi = (spec: string, args: readonly string[] = []): Server => ({ kind: "pypi", package: spec, args });

/** Any stdio MCP server, run as it is: `command(["node", "my-server.js"])`. */
export const command = (words: readonly string[]): Server => ({ kind: "command", command: words });

/** A stdio MCP server out of a public image, at a tag: `image("ghcr.io/owner/name:v1.2.3", ["/server", "stdio"])`. */
export const image = (ref: string, words: readonly string[]): Server => ({ kind: "image", image: ref, command: words });

/** A server that already speaks Streamable HTTP: the gateway is its client. */
export const http = (url: string): Server => ({ kind: "http", url });

/** A server that speaks the older HTTP+SSE transport: the gateway is its client. */
export const sse = (url: string): Server => ({ kind: "sse", url });

/** What an app() takes: a container beside the gateways, with no MCP in it. */
export interface AppOptions extends Pick<
  ServiceEntry,
  "port" | "hostname" | "secrets" | "optionalSecrets" | "env" | "volumes" | "memory"
> {
  /** The image with its tag: "n8nio/n8n:2.41.3". */
  readonly image: string;
}

/** A container that is no MCP server (n8n, Postgres): `n8n: app({ image: "n8nio/n8n:2.41.3", port: 5678 })`. */
export const app = ({ image: ref, ...options }: AppOptions): ServiceEntry => ({
  server: { kind: "app", image: ref },
  ...options,
});

/** What is wrong with the catalog: every problem at once, one line each. */
export class CatalogError extends Error {
  override readonly name = "CatalogError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the catalog (stacks/services.ts) has ${count(problems, "problem")}:\n${problems.map(indent).join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Checks the entries and fills in their defaults.
 * @throws CatalogError with every problem: the entry's name, what is wrong, what was found, what was expected
 */
export function defineServices<K extends string>(entries: Record<K, ServiceEntry>): Readonly<Record<K, Service>> {
  const problems = findProblems(entries);
  if (problems.length > 0) throw new CatalogError(problems);
  const services = Object.entries<ServiceEntry>(entries).map(([name, entry]) => [name, complete(name, entry)]);
  return Object.freeze(Object.fromEntries(services));
}

/** The named services in the catalog's order, or all of them. @throws Error for a name that is not there */
export function pickServices(services: Readonly<Record<string, Service>>, names: readonly string[]): Service[] {
  const all = Object.values(services);
  const known = all.map(({ name }) => name);
  const picked = pickNames(known, names);
  return all.filter(({ name }) => picked.includes(name));
}

/**
 * Those of the known names that were asked for, or all when none was.
 * @throws Error for a name that is not known, with the nearest one and the list
 */
export function pickNames(known: readonly string[], names: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names.length === 0 ? known : known.filter((name) => names.includes(name));
  throw new Error(`no service is called "${unknown}". ${didYouMean(unknown, known)}There are: ${known.join(", ")}.`);
}

function complete(name: string, { probe, ...entry }: ServiceEntry): Service {
  return Object.freeze({
    name,
    hostname: name,
    secrets: [],
    optionalSecrets: [],
    env: {},
    volumes: {},
    isolation: "session",
    serial: false,
    revive: true,
    idleTtl: "30m",
    memory: 512,
    ...entry,
    ...(probe && { probe: { arguments: {}, ...probe } }),
  });
}

function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? "" : `Did you mean "${near}"? `;
}

const count = (items: readonly unknown[], noun: string) => `${items.length} ${noun}${items.length === 1 ? "" : "s"}`;
const indent = (line: string) => `  ${line}`;
