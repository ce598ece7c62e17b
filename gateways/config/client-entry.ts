/** An entry as MCP clients write it, in the words of gateway.json: their files can be used as they are. */
import { ConfigError } from "../config.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a client's entry says to the gateway. */
export interface ClientEntry {
  /** With keys of gateway.json alone, and those that nobody knows. */
  readonly entry: unknown;
  readonly isDisabled: boolean;
  /** Keys that mean something to a client only. */
  readonly unused: readonly string[];
}

/** Other names of our keys, and whose they are. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    serverUrl: "url", // Antigravity, Windsurf
    httpUrl: "url", // Gemini CLI, Qwen Code
    baseUrl: "url", // mcporter
    uri: "url", // Goose
    cmd: "command", // Goose
    envs: "env", // Goose
    environment: "env", // OpenCode
    http_headers: "headers", // Codex
    transport: "type", // Devin, OpenClaw
  }),
);

/** What clients call stdio, Streamable HTTP and HTTP+SSE, without dashes, underscores and capitals. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    stdio: "stdio",
    local: "stdio",
    http: "http",
    streamablehttp: "http",
    remote: "http",
    sse: "sse",
  }),
);

/** What only a client can use: how it shows a server, what it asks its user, how it logs in. */
const CLIENT_ONLY: ReadonlySet<string> = new Set(
  `
    description name displayName title icon iconPath iconUrl gallery chatMenu metadata note notes comment _comment
    $comment $schema serverInstructions source extensionName autoApprove alwaysAllow autoAllow trust required
    startup lifecycle protocol env_keys includeTools excludeTools disabledTools enabledTools enabled_tools
    disabled_tools available_tools oauth requiresOAuth scopes oauth_resource authProviderType headersHelper
    targetAudience targetServiceAccount customUserVars initTimeout startupTimeout inputs dev
    sandboxEnabled watch restart hidden bundled provider
  `
    .trim()
    .split(/\s+/),
);

/** Keys of clients that have a meaning here. With these, a misspelt key finds the nearest one. */
export const clientKeys: readonly string[] = [
  "disabled",
  "enabled",
  "timeout",
  "requestInit",
  "requestOptions",
  ...Object.keys(ALIASES),
  ...CLIENT_ONLY,
];

/** Reads an entry. What is not even an object is left for the check of the file. @throws ConfigError */
export function readClientEntry(written: unknown, where: string): ClientEntry {
  if (!isObject(written)) return { entry: written, isDisabled: false, unused: [] };
  const flat = withoutNulls(unnest(written));
  const { disabled, enabled, timeout, ...rest } = flat;
  const named = rename(rest, where);
  const known = Object.entries(named).filter(([key, value]) => !isClientOnly(key, value));
  const entry = {
    ...withWords(withType(Object.fromEntries(known), where)),
    ...requestTimeout(timeout, named, where),
  };
  const isDisabled = readSwitch(disabled, `${where}.disabled`) || readSwitch(enabled, `${where}.enabled`) === false;
  const unused = Object.entries(named).filter(([key, value]) => isClientOnly(key, value) && !isAll(value));
  return { entry, isDisabled, unused: unused.map(([key]) => key) };
}

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Cline has everything below `transport`, others have `headers` below the options of their HTTP client. */
function unnest({ transport, requestInit, requestOptions, ...rest }: Json): Json {
  const below = isObject(transport) ? transport : transport === undefined ? {} : { transport };
  const request = requestInit ?? requestOptions;
  const headers = isObject(request) && isObject(request["headers"]) ? { headers: request["headers"] } : {};
  return { ...headers, ...below, ...rest };
}

/** Some clients write null for what is not set. */
const withoutNulls = (entry: Json): Json =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));

function rename(entry: Json, where: string): Json {
  const renamed = new Map<string, unknown>();
  const from = new Map<string, string>();
  for (const [key, value] of Object.entries(entry)) {
    const name = ALIASES.get(key) ?? key;
    const other = from.get(name);
    if (other !== undefined && !saysTheSame(name, renamed.get(name), value))
      throw new ConfigError(`${where}: got both ${other} and ${key}, expected one of them`);
    from.set(name, key);
    renamed.set(name, value);
  }
  return Object.fromEntries(renamed);
}

const saysTheSame = (name: string, one: unknown, other: unknown) =>
  name === "type" ? typeOf(one) !== undefined && typeOf(one) === typeOf(other) : one === other;

const typeOf = (written: unknown): string | undefined =>
  typeof written === "string" ? TYPES.get(written.toLowerCase().replace(/[-_ ]/g, "")) : undefined;

function withType(entry: Json, where: string): Json {
  const { type, ...rest } = entry;
  if (type === undefined) return entry;
  const known = typeOf(type);
  const got = JSON.stringify(type);
  if (known === undefined) throw new ConfigError(`${where}.type: got ${got}, expected stdio, http or sse`);
  const hasOther = known === "stdio" ? rest["url"] : rest["command"];
  if (hasOther === undefined) return { ...rest, type: known };
  const expected = known === "stdio" ? "http or sse beside url" : "stdio beside command";
  throw new ConfigError(`${where}.type: got ${got}, expected ${expected}`);
}

/** OpenCode has the command and its arguments in one list. */
function withWords(entry: Json): Json {
  const { command, args } = entry;
  if (!Array.isArray(command)) return entry;
  const [first, ...more] = command as unknown[];
  return { ...entry, command: first, args: [...more, ...(Array.isArray(args) ? (args as unknown[]) : [])] };
}

/** The longest time limit that a client counts in seconds: an hour (Roo Code, Cline). */
const LONGEST_IN_SECONDS = 3_600;

/** A client's limit for a call. A number is seconds in some clients and milliseconds in others, which start at a second or more. */
function requestTimeout(timeout: unknown, entry: Json, where: string): Json {
  if (timeout === undefined) return {};
  if (entry["requestTimeout"] !== undefined)
    throw new ConfigError(`${where}: got both timeout and requestTimeout, expected one of them`);
  const number = typeof timeout === "string" && /^\d+$/.test(timeout) ? Number(timeout) : timeout;
  if (typeof number === "string") return { requestTimeout: number };
  if (typeof number !== "number" || !(number > 0))
    throw new ConfigError(`${where}.timeout: expected seconds (up to 3600), milliseconds, or a text such as "30s"`);
  return { requestTimeout: number <= LONGEST_IN_SECONDS ? `${number}s` : `${number}ms` };
}

function readSwitch(value: unknown, where: string): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw new ConfigError(`${where}: expected true or false`);
}

/** Cursor's `auth` and VS Code's `sandbox` are objects; ours are words. In some files `tools` is one, too; in Copilot's it is a list of names, as ours. */
const isClientOnly = (key: string, value: unknown) =>
  CLIENT_ONLY.has(key) || (OURS_TOO.has(key) && typeof value === "object" && !Array.isArray(value));

const OURS_TOO: ReadonlySet<string> = new Set(["auth", "tools", "sandbox"]);

/** `"includeTools": ["*"]` asks for what the gateway does anyway. */
const isAll = (value: unknown) => JSON.stringify(value) === '["*"]' || value === "*";
