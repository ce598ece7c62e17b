/**
 * Everything that can be set about a gateway. The variables of its container, the flags of the command line, the keys of
 * gateway.json and the options of a catalog entry are four spellings of these tables: CONFIG.md lists them.
 */
import type { StartedBy } from "./limits/host-and-origin.ts";
import type { NamedToken } from "./auth/named-token.ts";
import type { Allow } from "./principal.ts";
import { logLevels } from "./log-levels.ts";
import { namedTokens } from "./config/named-tokens.ts";
import { allowance } from "./config/allowance.ts";
import { patterns } from "./config/patterns.ts";
import {
  budget,
  claim,
  commandLine,
  count,
  delay,
  duration,
  flag,
  flagOrAuto,
  groupMembers,
  httpUrl,
  list,
  oneOf,
  origins,
  port,
  rate,
  secret,
  serviceUrl,
  size,
  someOf,
  text,
  trustedUrl,
  ValueError,
  variables,
  verifierName,
} from "./config/units.ts";
import { reviewedTools } from "./config/reviewed.ts";
import { digests, secretName, tokens } from "./config/tokens.ts";

/** One thing that can be set. */
export interface Option<T> {
  /**
   * The environment variable of a container; elsewhere it begins with GANGWAY_ (`variableOf`). The flag is the key in kebab
   * case, the key in gateway.json the key itself.
   */
  readonly env: string;
  readonly read: (text: string) => T;
  /** As it would be written; undefined = not set. */
  readonly default: string | undefined;
  /** One line for --help. */
  readonly help: string;
}

const option = <T>(env: string, read: (text: string) => T, fallback: string | undefined, help: string): Option<T> => ({
  env,
  read,
  default: fallback,
  help,
});

/** What concerns one service. In gateway.json these are keys of its entry. */
export const serviceOptions = {
  /**
   * "session": a process of its own for each session. "shared": one process for all sessions, for servers whose state is
   * the same for everybody; such a server cannot send requests to its client (sampling, elicitation, roots).
   */
  isolation: option(
    "ISOLATION",
    oneOf("session", "shared"),
    "session",
    "session: a server process for each session; shared: one for all",
  ),
  /** For servers that lose writes when calls run side by side. Only with `isolation: "shared"`. */
  serial: option("SERIAL", flag, "false", "give the server one call at a time (isolation shared)"),
  /** `false` for servers that keep a conversation in memory: their sessions end with the process. */
  revive: option("REVIVE", flag, "true", "a session whose server has ended continues with a new one"),
  idleTtl: option("IDLE_TTL", duration, "30m", "an idle session ends after this time"),
  maxSessions: option("MAX_SESSIONS", count(1), "1000", "maximum number of sessions (then 503)"),
  maxChildren: option(
    "MAX_CHILDREN",
    count(1),
    "32",
    "maximum number of server processes; the one idle longest is put to sleep",
  ),
  maxOpenCalls: option("MAX_OPEN_CALLS", count(1), "1000", "calls that a session may have open at once (then 503)"),
  /** In a container the server is started once and ended again, so that a release that cannot run takes no traffic. */
  start: option(
    "START",
    oneOf("now", "lazy"),
    "now",
    "lazy: the server is started by the first call, with no spare process",
  ),
  /** Sessions go on: their next call starts a process again. */
  stopAfter: option<number | undefined>(
    "STOP_AFTER",
    duration,
    undefined,
    "a server process that nobody has called for this time ends until the next call",
  ),
  startTimeout: option("START_TIMEOUT", duration, "60s", "time for the server to answer initialize"),
  requestTimeout: option(
    "REQUEST_TIMEOUT",
    duration,
    "5m",
    "time without answer or progress after which a call is cancelled",
  ),
  maxLine: option("MAX_LINE", size, "64MiB", "longest line that is read from the server"),
  tools: option<readonly string[]>(
    "TOOLS",
    patterns,
    undefined,
    "tools that are offered: read_* (these alone), !delete_* (all but these); default: all",
  ),
  /** "search" for many tools: a model that needs two of 200 would read the descriptions of all. */
  discovery: option(
    "DISCOVERY",
    oneOf("all", "search"),
    "all",
    "search: three tools to find, describe and call the others, in place of all",
  ),
  /** What was reviewed is in tools.lock: `npx gangway update` writes it. */
  reviewedTools: option<readonly string[]>(
    "REVIEWED_TOOLS",
    reviewedTools,
    undefined,
    "name=digest of each reviewed tool; the log and /health name the tools that are not as reviewed",
  ),
  pinTools: option("PIN_TOOLS", flag, "false", "tools that are not as reviewed are neither listed nor callable"),
  /** Some of them together: `config/logins.ts` says which. */
  auth: option(
    "AUTH",
    someOf("bearer", "verify", "oauth"),
    "bearer",
    "how callers prove who they are: bearer, verify (token of the API), oauth (login)",
  ),
  /** A module exports `verifyToken(token)`: `auth/verifiers/verifier.ts` has its type. */
  verify: option<string | undefined>(
    "VERIFY",
    verifierName,
    undefined,
    "API that checks tokens: coda, github, firecrawl, or a module (auth verify; default: by name)",
  ),
  verifyAllow: option<readonly string[]>(
    "VERIFY_ALLOW",
    list,
    undefined,
    "accounts that may call besides that of the service's own secret (auth verify)",
  ),
  authIssuer: option<string | undefined>(
    "AUTH_ISSUER",
    trustedUrl,
    undefined,
    "issuer of the access tokens, which clients are sent to for a login (auth oauth)",
  ),
  authServer: option<string | undefined>(
    "AUTH_SERVER",
    httpUrl,
    undefined,
    "where the gateway itself reaches the authorization server (default: the issuer)",
  ),
  /** Without it the issuer is one of the operator's own, and its tokens are JWTs. */
  authSecret: option<string | undefined>(
    "AUTH_SECRET",
    secret,
    undefined,
    "secret with which the gateway asks gangway's authorization server about a token",
  ),
  publicUrl: option<string | undefined>(
    "PUBLIC_URL",
    serviceUrl,
    undefined,
    "URL of the service as clients are given it; tokens are for it (auth oauth)",
  ),
  authAudience: option<readonly string[]>(
    "AUTH_AUDIENCE",
    list,
    undefined,
    "audiences of accepted tokens (own issuer; default: the public URL)",
  ),
  authClaim: option<string | undefined>(
    "AUTH_CLAIM",
    claim,
    undefined,
    "claim that names the user (own issuer; default: the verified email, or sub)",
  ),
  /** What is hidden there: bridge/sandbox/hidden-places.ts. A server in a container of its own needs none. */
  sandbox: option<boolean | "auto">(
    "SANDBOX",
    flagOrAuto,
    "auto",
    "hide keys and processes of this machine from the server: auto (if it can), true, false",
  ),
  stateDir: option<string | undefined>(
    "STATE_DIR",
    text,
    undefined,
    "folder that all gateways of the service share, so that sessions survive one",
  ),
} satisfies Record<string, Option<unknown>>;

/** How often callers of a service may call. */
export const rateOptions = {
  requestRate: option("REQUEST_RATE", rate, "50/s", "requests for each token and address; 0: no limit"),
  requestBurst: option("REQUEST_BURST", count(1), "100", "requests at once for each token and address"),
  sessionRate: option(
    "SESSION_RATE",
    count(0),
    "300",
    "new sessions a minute for each token at each address; 0: no limit",
  ),
  loginRate: option("LOGIN_RATE", count(1), "10", "failed logins a minute for each address; valid tokens always pass"),
} satisfies Record<string, Option<unknown>>;

/** What each service may set for itself: the gateway's value is the default of every service, and a service's own wins. */
export const sharedOptions = {
  logLevel: option(
    "LOG_LEVEL",
    oneOf(...logLevels),
    "info",
    `one of ${logLevels.join(", ")}; above info there are no AUTH lines`,
  ),
  audit: option(
    "AUDIT",
    oneOf("calls", "sessions"),
    "calls",
    "AUTH lines in the log: calls: also each call of a tool; sessions: who came and went",
  ),
  maxBody: option("MAX_BODY", size, "10MiB", "longest request body (then 413)"),
  ...rateOptions,
  exemptLoopback: option(
    "EXEMPT_LOOPBACK",
    flag,
    "false",
    "callers on this machine have no rate limit, unless through a proxy (--stdio: true)",
  ),
  heartbeat: option("HEARTBEAT", duration, "15s", "longest silence on an open response"),
  /** On top of `tools`, and of what the caller's token opens. */
  allow: option<Allow | undefined>(
    "ALLOW",
    allowance,
    undefined,
    "who may use which tools: ops@example.org=*;team=read_*,list_*; default: everybody all",
  ),
  allowedOrigins: option("ALLOWED_ORIGINS", origins, undefined, "origins of web pages that may call (CORS); * for all"),
} satisfies Record<string, Option<unknown>>;

/** What concerns the whole process. */
export const gatewayOptions = {
  port: option("PORT", port, "8080", "port to listen on (0: any free one)"),
  host: option("HOST", text, "127.0.0.1", "address to listen on; any but loopback requires a bearer token"),
  allowedHosts: option("ALLOWED_HOSTS", list, undefined, "host names that requests may be sent to, besides loopback"),
  keyHosts: option(
    "KEY_HOSTS",
    list,
    undefined,
    "host names where the tokens of auth oauth,bearer are taken, and where nothing shows OAuth",
  ),
  keyPort: option<number | undefined>("KEY_PORT", port, undefined, "the same as a port of its own"),
  metricsPort: option<number | undefined>(
    "METRICS_PORT",
    port,
    undefined,
    "port of /metrics, for Prometheus (default: none; npm start and containers: 9091)",
  ),
  metricsHost: option(
    "METRICS_HOST",
    text,
    "127.0.0.1",
    "address of that port: whoever reaches it may read the metrics",
  ),
  otlpEndpoint: option<string | undefined>(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    httpUrl,
    undefined,
    "collector that gets a span for each request, as OTLP over HTTP, without a path",
  ),
  otlpHeaders: option<readonly string[]>(
    "OTEL_EXPORTER_OTLP_HEADERS",
    list,
    undefined,
    "headers for it: name=value,name=value",
  ),
  trustedProxies: option(
    "TRUSTED_PROXIES",
    list,
    undefined,
    "addresses, ranges or host names of proxies whose X-Forwarded-For is believed",
  ),
  logFormat: option<"json" | "pretty" | undefined>(
    "LOG_FORMAT",
    oneOf("json", "pretty"),
    undefined,
    "json: a JSON object a line; pretty: lines for people (default: pretty on a terminal)",
  ),
  maxHeaders: option("MAX_HEADERS", size, "16KiB", "longest request line and headers together (then 431)"),
  sessionSecret: option<string | undefined>(
    "SESSION_SECRET",
    secret,
    undefined,
    "signs session ids for the other gateways (default: one in the state folder)",
  ),
  ownerHost: option<string | undefined>(
    "OWNER_HOST",
    text,
    undefined,
    "host by which the other gateways reach this one (default: the host name)",
  ),
  maxConnections: option(
    "MAX_CONNECTIONS",
    count(8),
    "4096",
    "connections at once; an address, and the open requests of a token, may have half",
  ),
  readTimeout: option(
    "READ_TIMEOUT",
    duration,
    "60s",
    "a client that takes nothing of what waits for it for this long is cut off",
  ),
  memoryBudget: option(
    "MEMORY_BUDGET",
    budget,
    "auto",
    "memory for answers, calls and events that wait (auto: a quarter of the container's)",
  ),
  drainDelay: option("DRAIN_DELAY", delay, "0s", "on SIGTERM, serve as usual for this long first"),
  drainTimeout: option("DRAIN_TIMEOUT", delay, "25s", "on SIGTERM, time for open calls to finish"),
  stopWithParent: option<boolean | undefined>(
    "STOP_WITH_PARENT",
    flag,
    undefined,
    "stop when the process that started it ends (default: when that is npx or npm)",
  ),
} satisfies Record<string, Option<unknown>>;

/** What only the one-server forms have: the flags and the environment. */
export const serverOptions = {
  stdio: option("SERVER_COMMAND", commandLine, undefined, "command line of a stdio MCP server"),
  env: option("SERVER_ENV", variables, undefined, "variables for the server: NAME (as it is here) or NAME=value"),
  serverSocket: option<string | undefined>(
    "SERVER_SOCKET",
    text,
    undefined,
    "Unix socket of a container that runs the command of --stdio (gateways/images/runner.pl)",
  ),
  url: option("SERVER_URL", httpUrl, undefined, "URL of an MCP server that speaks Streamable HTTP"),
  urlType: option(
    "SERVER_URL_TYPE",
    oneOf("http", "sse"),
    "http",
    "sse: the server at --url speaks the older HTTP+SSE",
  ),
  group: option("SERVER_GROUP", groupMembers, undefined, "services that are served as one: name=URL for each"),
  name: option("SERVICE_NAME", text, undefined, "name of the service (default: from the command)"),
  serviceVersion: option("SERVICE_VERSION", text, undefined, "version that /health tells (default: the server's own)"),
  token: option(
    "MCP_BEARER_TOKEN",
    tokens,
    undefined,
    "bearer tokens that are accepted, one a line (as a flag, other users of the machine see it)",
  ),
  tokenFile: option("MCP_BEARER_TOKEN_FILE", text, undefined, "file of bearer tokens that are accepted, one a line"),
  tokenDigests: option(
    "MCP_TOKEN_DIGESTS",
    digests,
    undefined,
    "SHA-256 of bearer tokens that are accepted, one a line",
  ),
  namedTokens: option<readonly NamedToken[]>(
    "MCP_NAMED_TOKENS",
    namedTokens,
    undefined,
    "further bearer tokens, one JSON object a line: digest, name, tools, expires",
  ),
  acceptServiceToken: option<string | undefined>(
    "ACCEPT_SERVICE_TOKEN",
    secretName,
    undefined,
    "a secret of the server's is a bearer token, too: its variable, or true if it has one",
  ),
  verifySecret: option<string | undefined>(
    "VERIFY_SECRET",
    text,
    undefined,
    "the server's variable for the caller's token (auth verify; default: its only secret)",
  ),
  upstreamToken: option(
    "SERVER_TOKEN",
    text,
    undefined,
    "bearer token for the server at --url, or for the services of --group",
  ),
} satisfies Record<string, Option<unknown>>;

type Values<Options> = {
  readonly [Key in keyof Options]: Options[Key] extends Option<infer Value> ? Value : never;
};

export type SharedValues = Values<typeof sharedOptions>;
export type GatewayValues = Values<typeof gatewayOptions> & SharedValues;
export type ServiceValues = Values<typeof serviceOptions> & SharedValues;

/** How a service's server is reached, or what it still needs. */
export type ServerConfig =
  | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string | undefined;
      /** The Unix socket of the container in which it runs. @default - it is a child of the gateway */
      readonly socket?: string | undefined;
      /** Files and folders of the gateway's that it does not see in its sandbox. @default none */
      readonly hidden?: readonly string[] | undefined;
      /** "none" = it has no network in its sandbox. @default "any" */
      readonly egress?: "any" | "none" | undefined;
    }
  | { readonly kind: "http" | "sse"; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "group"; readonly members: readonly GroupMember[] }
  | { readonly kind: "needs"; readonly needs: string; readonly remedy?: string | undefined }
  | { readonly kind: "failed"; readonly failed: string };

/** A service of a group: one of the same gateway, or one at a URL. */
export interface GroupMember {
  readonly name: string;
  /** Where it speaks Streamable HTTP. @default - it is a service of the same gateway */
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** One service, ready to run. */
export interface ServiceConfig extends ServiceValues {
  readonly name: string;
  /** What /health tells; undefined = what the server says of itself. */
  readonly version: string | undefined;
  readonly server: ServerConfig;
  /** With auth verify, and where its server is a process: the variable that gets the caller's token. */
  readonly verifySecret?: string | undefined;
  /** A port of its own; undefined = it is only on the hub. */
  readonly port: number | undefined;
  /** Bearer tokens that only this service accepts. */
  readonly tokens: readonly string[];
  /** SHA-256 digests, in hexadecimal, of further tokens that only this service accepts. */
  readonly tokenDigests: readonly string[];
  /** Tokens that have a name, and that only this service accepts. */
  readonly namedTokens: readonly NamedToken[];
}

/** A whole gateway, ready to run. Of what its services share it has the defaults: each service has its own values. */
export interface GatewayConfig extends GatewayValues {
  /** Whether `port` is a hub with every service under its name; else it is the one service's own. */
  readonly hub: boolean;
  readonly startedBy: StartedBy;
  readonly services: readonly ServiceConfig[];
  /** Bearer tokens that every service accepts. */
  readonly tokens: readonly string[];
  /** SHA-256 digests, in hexadecimal, of further tokens that every service accepts. */
  readonly tokenDigests: readonly string[];
  /** Tokens that have a name, and that every service accepts. */
  readonly namedTokens: readonly NamedToken[];
  /** The files that it was read from. @default none */
  readonly files?: readonly string[] | undefined;
  /** What to do where there is no service yet; undefined where there is one. */
  readonly hint?: string | undefined;
  /** What the operator should know about what was set: one line each. */
  readonly warnings: readonly string[];
  /** What may explain a surprise, for the log alone. */
  readonly notes: readonly string[];
}

/** A mistake in what was set: shown to the user as it is, without a stack. */
export class ConfigError extends Error {}

/** What a service is called in /health and as a container: `memory-mcp`; a name that ends with -mcp already stays as it is. */
export const mcpName = (service: string) => (service.endsWith("-mcp") ? service : `${service}-mcp`);

/** The flag of an option: `--idle-ttl` for `idleTtl`. */
export const flagOf = (key: string) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The variable of an option everywhere: `GANGWAY_PORT`. What begins with MCP_ is nobody else's, and OTEL_ everybody's. */
export const variableOf = ({ env }: Pick<Option<unknown>, "env">) => (isPlainName(env) ? env : `GANGWAY_${env}`);

/** Whether a variable means the same to every program. */
export const isPlainName = (env: string) => /^(MCP|OTEL)_/.test(env);

/**
 * The values of a table of options.
 * @param given what was set, as text; undefined = the default
 * @param nameOf where the user has set a key, for the message
 * @param isHidden whether the message must not repeat what was got: it may be a secret
 * @throws ConfigError that names the option, what was got and what was expected
 */
export function readOptions<Options extends Record<string, Option<unknown>>>(
  options: Options,
  given: (key: string, option: Option<unknown>) => string | undefined,
  nameOf: (key: string, option: Option<unknown>) => string,
  isHidden: (key: string) => boolean = () => false,
): Values<Options> {
  const values = Object.entries(options).map(([key, option]) => {
    const written = given(key, option) ?? option.default;
    try {
      return [key, written === undefined ? emptyOf(option) : option.read(written)];
    } catch (error) {
      const name = nameOf(key, option);
      const isSecret = isHidden(key) && error instanceof ValueError;
      throw new ConfigError(`${name}: ${isSecret ? `expected ${error.expected}` : (error as Error).message}`);
    }
  });
  return Object.fromEntries(values) as Values<Options>;
}

/** What an option is when it has no default and was not set: an empty list, or undefined. */
const emptyOf = (option: Option<unknown>) => (isList(option) ? [] : undefined);

/** Whether an option is a list: given several times, its values add up. */
export const isList = ({ read }: Option<unknown>) => lists.has(read);

const lists: ReadonlySet<unknown> = new Set([
  list,
  origins,
  patterns,
  reviewedTools,
  variables,
  tokens,
  digests,
  namedTokens,
  groupMembers,
]);

/** Whether an option is true or false. */
export const isSwitch = ({ read }: Option<unknown>) => read === flag;

/** What an option expects instead of this text; undefined when it can be read. */
export function expectedInstead({ read }: Option<unknown>, written: string): string | undefined {
  try {
    read(written);
    return undefined;
  } catch (error) {
    return error instanceof ValueError ? error.expected : (error as Error).message;
  }
}
