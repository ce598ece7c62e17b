/**
 * The options of an entry that are its gateway's: they come from the gateway's own tables, with their types, checks, defaults
 * and names. An option that is added there can be set in an entry, and reaches the container and `npm start`.
 */
import {
  expectedInstead,
  type gatewayOptions,
  isList,
  isSwitch,
  type Option,
  rateOptions,
  type serverOptions,
  serviceOptions,
  sharedOptions,
} from "../../gateways/config.ts";
import type { WrittenOptions } from "../../gateways/config/every-option.ts";

export { mcpName } from "../../gateways/config.ts";

type ServiceTable = typeof serviceOptions & typeof sharedOptions;
type OtherTables = typeof serverOptions & typeof gatewayOptions;

/** Options of a gateway that no entry can set, because something else decides them, and what that is. */
export const reserved = {
  name: "the key of the entry is the service's name",
  stdio: "`server` says what answers",
  serverSocket: "the deployment decides where the server runs",
  url: "`server` says what answers",
  urlType: "`server` says what answers",
  group: "`server` says what answers",
  serviceVersion: "it is the version in `server`, or what the server says of itself",
  token: "MCP_BEARER_TOKEN opens every service, and each has a token of its own: npx gangway token",
  tokenFile: "MCP_BEARER_TOKEN opens every service, and each has a token of its own: npx gangway token",
  tokenDigests: "they follow from MCP_BEARER_TOKEN",
  namedTokens: "they are in tokens.json: npx gangway token new --name <name>",
  authServer: "it follows from `auth`",
  authSecret: "it follows from the deployment's secret, for each service another",
  publicUrl: "it follows from `hostname`, and with npm start from the port",
  keyHosts: "they follow from `hostname` and `auth`",
  keyPort: "in a container the name tells tokens from logins, and npm start has one port for all",
  verifySecret: "it is the first of `secrets` and `optionalSecrets`",
  upstreamToken: "it is the first of `secrets`",
  host: "a container listens on all addresses, npm start on 127.0.0.1",
  allowedHosts: "they follow from `hostname`",
  metricsPort: "each container has the same one, and npm start has one for all services",
  metricsHost: "in a container it follows from `monitored`, and npm start listens on 127.0.0.1",
  otlpEndpoint: "OTEL_EXPORTER_OTLP_ENDPOINT sets it for all services",
  otlpHeaders:
    "npm start takes OTEL_EXPORTER_OTLP_HEADERS; containers send to a collector beside them, which asks for none",
  trustedProxies: "in a container it is the proxy's name, with npm start there is no proxy",
  logFormat: "one process has one log, and `npx gangway logs` reads it as JSON",
  maxHeaders: "one process may serve many services on one port, and nginx has limits of its own",
  exemptLoopback: "callers of npm start are exempt while the entry sets no rate",
  reviewedTools: "they are in tools.lock: npx gangway update --review",
  stateDir: "a container has a volume of its own for it",
  sessionSecret: "the gateway makes one and keeps it in that volume",
  ownerHost: "it is the container's name",
  maxConnections: "the proxy has limits of its own, and the default is above them",
  memoryBudget: "it follows from `memory`",
  readTimeout: "the default fits clients behind a proxy",
  drainDelay: "it follows from how long the proxy ignores a refused server",
  stopWithParent: "a container ends with its gateway, and npm start ends its own",
  drainTimeout: "it follows from the time that Docker gives a container to stop, and npm start has one process for all",
} as const satisfies Readonly<Record<Exclude<keyof OtherTables, "acceptServiceToken" | "env" | "port">, string>> &
  Partial<Readonly<Record<keyof ServiceTable, string>>>;

type Table = Omit<ServiceTable, keyof typeof reserved>;

/** The gateway's options as an entry has them: "30m", 100, true, "debug". What is not set is the gateway's default. */
export type GatewayEntryOptions = WrittenOptions<Table>;

/** The options of the gateway that an entry can set, by name. */
export const passedOptions: Readonly<Record<string, Option<unknown>>> = Object.fromEntries(
  Object.entries<Option<unknown>>({ ...serviceOptions, ...sharedOptions }).filter(([name]) => !(name in reserved)),
);

/** What an option expects instead of this value; undefined when the gateway can read it. */
export function gatewayExpects(name: string, value: unknown): string | undefined {
  const option = passedOptions[name];
  if (option === undefined) throw new Error(`the gateway has no option ${name} for an entry`);
  if (isSwitch(option)) return typeof value === "boolean" ? undefined : "true or false";
  if (isList(option)) return isTexts(value) ? whenEmpty(option, value) : "a list of texts";
  return expectedInstead(option, textOf(value));
}

/** What an entry says to its gateway, by option, as it is written there. */
export function gatewayValues(entry: GatewayEntryOptions): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(entry).filter(([name, value]) => name in passedOptions && value !== undefined),
  );
}

/** The same by environment variable, as text. */
export function gatewayVariables(entry: GatewayEntryOptions): Readonly<Record<string, string>> {
  const values = Object.entries(gatewayValues(entry));
  return Object.fromEntries(values.map(([name, value]) => [passedOptions[name]!.env, textOf(value)]));
}

/** Whether the entry says how often its callers may call. */
export const limitsCallers = (entry: GatewayEntryOptions): boolean =>
  Object.keys(rateOptions).some((name) => name in gatewayValues(entry));

const whenEmpty = (option: Option<unknown>, texts: readonly string[]) =>
  texts.length === 0 ? expectedInstead(option, "") : undefined;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((text) => typeof text === "string");

/** As it is written in a variable. What no option can be (an object, null) becomes a text that no option can read. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
