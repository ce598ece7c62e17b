/**
 * The declarations (.d.ts) of the package, made from the tables of options: with the types and the documentation of each option,
 * and without anything that an editor would have to look for in other packages.
 */
import type * as z from "zod/mini";
import {
  expectedInstead,
  gatewayOptions,
  isList,
  isSwitch,
  type Option,
  serviceOptions,
  sharedOptions,
} from "../../gateways/config.ts";
import { OF_PROCESS } from "../../gateways/config/every-option.ts";
import { passedOptions } from "./gateway-options.ts";
import { appOptions } from "./kinds/app.ts";
import { type OptionTable, ownOptions } from "./options.ts";

type Table = Readonly<Record<string, Option<unknown>>>;

/** Of "gangway-mcp/catalog". */
export function catalogDeclarations(): string {
  const { acceptServiceToken: _, egress: __, probe: ___, ...ofApps } = ownOptions as OptionTable;
  return `${HEAD}
/** What answers for a service: npm(), pypi(), command(), image(), http(), sse() or group(). Its names are those of a group's members. */
export interface Server<Names extends string = any> {
  readonly kind: string;
  readonly members?: readonly Names[];
}

/** One service, as it is written in services.ts: its key there is its name in every layer, and what a group names. */
export interface ServiceEntry<Names extends string = any> {
  /** What answers: npm(), pypi(), command(), image(), http(), sse() or group(). */
  readonly server: Server<Names>;
${ownMembers(ownOptions)}
${members(passedOptions)}
}

/** A checked entry with its name. */
export interface Service {
  readonly name: string;
  readonly server: Server;
}

/** What an app() takes. */
export interface AppOptions {
  /** The image with its tag: "n8nio/n8n:2.41.3". */
  readonly image: string;
${ownMembers(ofApps)}
${ownMembers(appOptions)}
}

/** Checks the entries and fills in their defaults. @throws Error with every problem: the entry, what was found, what was expected */
export declare function defineServices<K extends string>(entries: Record<K, ServiceEntry<NoInfer<K>>>): Readonly<Record<K, Service>>;

/** An MCP server from npm, at an exact version: \`npm("pkg@1.2.3", ["stdio"])\`. */
export declare function npm(spec: string, words?: readonly string[]): Server;

/** An MCP server from PyPI, at an exact version: \`pypi("pkg==1.2.3")\`. */
export declare function pypi(spec: string, words?: readonly string[]): Server;

/** Any stdio MCP server, run as it is: \`command(["node", "servers/mine/main.js"])\`. */
export declare function command(words: readonly string[]): Server;

/** A stdio MCP server out of a public image, at a tag: \`image("ghcr.io/owner/name:v1.2.3", ["/server", "stdio"])\`. */
export declare function image(ref: string, words: readonly string[]): Server;

/** A server that already speaks Streamable HTTP: the gateway is its client. */
export declare function http(url: string): Server;

/** A server that speaks the older HTTP+SSE transport: the gateway is its client. */
export declare function sse(url: string): Server;

/** Services of the catalog as one MCP server, whose tools are called \`<service>_<tool>\`: \`group(["memory", "github"])\`. */
export declare function group<const Members extends readonly string[]>(members: Members): Server<Members[number]>;

/** A container with no MCP server in it: \`postgres: app({ image: "postgres:18.1", port: 5432, public: false })\`. */
export declare function app(options: AppOptions): ServiceEntry;
`;
}

/** Of "gangway-mcp". */
export function libraryDeclarations(): string {
  const { port, ...others } = gatewayOptions;
  const all = Object.entries({ port: { ...port, default: "3000" }, ...others }); // as for gateway.json
  const ofGateways: Table = Object.fromEntries(all.filter(([name]) => !OF_PROCESS.some((other) => other === name)));
  return `${HEAD}
/** What was set is wrong. The message names the option, what was got and what was expected. */
export declare class ConfigError extends Error {}

/** Options of the whole gateway, and the defaults of every server. Loopback needs no token; any other \`host\` does. */
export interface GatewayOptions {
${members(ofGateways)}
${members(serviceOptions)}
${members(sharedOptions)}
  /** Bearer tokens that open every service. @default - none, which is allowed on loopback alone */
  readonly tokens?: readonly string[] | undefined;
  /** SHA-256 digests, in hexadecimal, of further tokens. */
  readonly tokenDigests?: readonly string[] | undefined;
  /** Takes the log: one or more lines of JSON, at \`logLevel\`. @default - nothing is logged */
  readonly log?: ((lines: string) => void) | undefined;
}

/** One server, as an entry of \`mcpServers\`: \`command\`, or \`url\`. */
export interface ServerOptions {
  /** The program of a stdio server. */
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  /** Added to the harmless part of this process's environment: PATH, HOME and the like. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** The URL of a server that speaks HTTP. */
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How the server at \`url\` speaks: "sse" is the older transport. @default "http" */
  readonly type?: "stdio" | "http" | "sse" | undefined;
  /** A port of its own, besides that of the gateway. */
  readonly port?: number | string | undefined;
  /** Bearer tokens that open this service alone. */
  readonly tokens?: readonly string[] | undefined;
  readonly tokenDigests?: readonly string[] | undefined;
  /** The version that /health tells. @default - what the server says */
  readonly version?: string | undefined;
${members(serviceOptions)}
${members(sharedOptions)}
}

/** What an API says of a token: \`clientId\` is the same for every token of an account, and never given to another account. */
export type Verification =
  | { readonly valid: true; readonly clientId: string }
  | { readonly valid: false; readonly error: string };

/**
 * What a module that \`verify\` names exports as \`verifyToken\`: it asks the API of a service whose token this is.
 * @throws when the API cannot be asked: the caller is told to try again, and not that the token is wrong. A number in the error's
 *   \`retryAfter\` is how many seconds to wait
 */
export type VerifyToken = (token: string) => Verification | Promise<Verification>;

/** A service as it is now. */
export interface ServiceStatus {
  readonly name: string;
  /**
   * "needs": something is missing before it can run; "failed": its server did not start, or has ended, and is started again;
   * "stopped": the gateway is closed.
   */
  readonly state: "starting" | "up" | "needs" | "failed" | "stopped";
  /** Where clients reach it, with Streamable HTTP; undefined while the gateway does not listen. */
  readonly url: string | undefined;
  /** How many tools its server lists; undefined when it has not listed them. */
  readonly tools: number | undefined;
  /** Why it failed, what it needs, or why it cannot be reached at its own port. */
  readonly error: string | undefined;
}

/** A client has opened a session, or its session has ended. Clients of MCP 2026-07-28 open none. */
export interface SessionStatus {
  readonly service: string;
  readonly state: "opened" | "closed";
  /** Streamable HTTP, or the older HTTP+SSE. */
  readonly transport: "http" | "sse" | "ws" | "group";
  /** What the client calls itself; undefined when it does not say. */
  readonly client: string | undefined;
  /** "anonymous" where no token is needed. */
  readonly principal: string;
  /** Why it has ended, as the log has it: "deleted", "idle", "shutting-down", ... */
  readonly reason: string | undefined;
  /** Milliseconds that it was open here; undefined while it is. */
  readonly lasted: number | undefined;
}

/** A service has failed. The message is what the log says. */
export declare class ServiceError extends Error {
  readonly service: string;
}

/** What a gateway tells the program around it. */
export interface GatewayEvents {
  /** Its port is open; its services start. \`url\` is that of its status page. */
  listening: [{ readonly url: string; readonly port: number }];
  /** A service has another state, error or number of tools than before: first "starting", at last "stopped". */
  service: [ServiceStatus];
  session: [SessionStatus];
  /** A service has failed. Nothing is thrown where nobody listens: the gateway goes on, and starts the server again. */
  error: [ServiceError];
}

/** A gateway in this process. It handles no signals, never exits the process and writes nothing, unless \`log\` says where. */
export interface EmbeddedGateway {
  /** Adds a server, which is served at \`/<name>/mcp\`. @throws ConfigError; also when the name is taken, or the gateway has started or is closed */
  addServer(name: string, server: ServerOptions): this;
  /**
   * Opens the port and starts every server. Resolves when each is up or has failed once: \`services\` says which. Called again, it
   * waits for the same start.
   * @throws ConfigError without a server: add one and call it again
   * @throws Error when the port is taken, which closes the gateway, and when it is closed, also while it starts
   */
  start(): Promise<void>;
  /** The services as they are now. Empty before \`start()\`. */
  readonly services: ServiceStatus[];
  /** Its own address, with the status page; undefined while it does not listen. */
  readonly url: string | undefined;
  /** Where clients reach a service. @throws Error while it does not listen, and for a name that is not there */
  urlOf(name: string): string;
  /**
   * Lets open calls finish (for at most \`drainTimeout\`), then ends every server and connection. Resolves when nothing is left.
   * Called again, it returns the same promise. It may be called at any time, and what is closed stays closed.
   */
  close(): Promise<void>;
  on<E extends keyof GatewayEvents>(event: E, listener: (...args: GatewayEvents[E]) => void): this;
  once<E extends keyof GatewayEvents>(event: E, listener: (...args: GatewayEvents[E]) => void): this;
  off<E extends keyof GatewayEvents>(event: E, listener: (...args: GatewayEvents[E]) => void): this;
}

/** Makes a gateway that listens once \`start()\` is called. @throws ConfigError that names the option */
export declare function createGateway(options?: GatewayOptions): EmbeddedGateway;
`;
}

const HEAD = "// Made from the tables of options; see gateways/CONFIG.md.\n";

/** The options of a gateway, as members of an interface. */
const members = (table: Table) =>
  Object.entries(table)
    .map(([name, option]) => member(name, typeOfOption(option), option.help, option.default, true))
    .join("\n");

/** The options of an entry that are not its gateway's. */
const ownMembers = (table: OptionTable) =>
  Object.entries(table)
    .map(([name, { schema, help, ...rest }]) => {
      const fallback = "default" in rest ? rest.default : undefined;
      const shown = typeof fallback === "function" || fallback === undefined ? undefined : JSON.stringify(fallback);
      return member(name, typeOf(schema), help, shown, "default" in rest);
    })
    .join("\n");

function member(name: string, type: string, help: string, fallback: string | undefined, isOptional: boolean): string {
  const text = `${help}.`.replaceAll("*/", "*\\/");
  const note = fallback === undefined ? "" : ` @default ${fallback}`;
  return `  /** ${text}${note} */\n  readonly ${name}${isOptional ? "?" : ""}: ${type}${isOptional ? " | undefined" : ""};`;
}

/** How a value of a gateway's option is written: true or false, a list, lists by name, one or some of several words, a text, or a number with a unit. */
function typeOfOption(option: Option<unknown>): string {
  if (isSwitch(option)) return "boolean";
  if (isList(option)) return "readonly string[]";
  const expected = expectedInstead(option, "\u0000");
  if (expected === "auto, true or false") return 'boolean | "auto"';
  const [, several, listed, only] =
    /^(?:one (or more )?of ((?:[\w-]+(?:, )?)+)|"([\w-]+)")$/.exec(expected ?? "") ?? [];
  const words = (listed ?? only)?.split(", ").map((word) => JSON.stringify(word));
  if (words)
    return several === undefined ? words.join(" | ") : `${words.join(" | ")} | readonly (${words.join(" | ")})[]`;
  if (expected === undefined) return "string";
  if (expectedInstead(option, LISTS) === undefined) return "Readonly<Record<string, readonly string[]>>";
  return NUMBERS.some((text) => expectedInstead(option, text) === undefined) ? "number | string" : "string";
}

/** What an option reads whose value is a list for each name. */
const LISTS = '{ "name": ["word"] }';

/** Numbers without and with units, of which each option that takes a number takes one. */
const NUMBERS = ["64", "64s", "64MiB"];

/** What a check of the catalog lets pass. */
function typeOf(schema: z.ZodMiniType): string {
  const { def } = schema._zod as unknown as { readonly def: Definition };
  switch (def.type) {
    case "readonly":
    case "optional":
      return typeOf(def.innerType);
    case "array":
      return `readonly ${typeOf(def.element)}[]`;
    case "record":
      return `Readonly<Record<string, ${typeOf(def.valueType)}>>`;
    case "union":
      return def.options.map(typeOf).join(" | ");
    case "enum":
      return Object.values(def.entries)
        .map((word) => JSON.stringify(word))
        .join(" | ");
    case "object":
      return `{ ${Object.entries(def.shape).map(property).join("; ")} }`;
    default:
      return def.type;
  }
}

function property([name, schema]: readonly [string, z.ZodMiniType]): string {
  const isOptional = (schema._zod as unknown as { readonly def: Definition }).def.type === "optional";
  return `readonly ${name}${isOptional ? "?" : ""}: ${typeOf(schema)}${isOptional ? " | undefined" : ""}`;
}

/** What zod says of a schema, as far as our tables use it (https://zod.dev/packages/core). */
type Definition =
  | { readonly type: "readonly" | "optional"; readonly innerType: z.ZodMiniType }
  | { readonly type: "array"; readonly element: z.ZodMiniType }
  | { readonly type: "record"; readonly valueType: z.ZodMiniType }
  | { readonly type: "union"; readonly options: readonly z.ZodMiniType[] }
  | { readonly type: "enum"; readonly entries: Readonly<Record<string, string>> }
  | { readonly type: "object"; readonly shape: Readonly<Record<string, z.ZodMiniType>> }
  | { readonly type: "string" | "number" | "boolean" | "unknown" };
