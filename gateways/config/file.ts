/** gateway.json: several services in the `mcpServers` shape that clients use, checked key by key. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import {
  ConfigError,
  flagOf,
  gatewayOptions,
  readOptions,
  serviceOptions,
  sharedOptions,
  type GatewayConfig,
  type ServerConfig,
  type ServiceConfig,
} from "../config.ts";
import {
  type Accepted,
  readTokens,
  refuseOpenOrigins,
  refuseWeakTokens,
  requireToken,
  serviceToken,
  shownSecrets,
  weaknessesHere,
} from "./callers.ts";
import type { Environment } from "./environment.ts";
import { requireSharedForSerial } from "./flags.ts";
import { didYouMean } from "./nearest.ts";
import { fill, missingIn, referencesIn, tokensIn } from "./references.ts";
import { digests } from "./tokens.ts";
import { httpUrl, secret } from "./units.ts";

/** What may be set at the top of the file. */
const topOptions = { ...sharedOptions, ...gatewayOptions };

const scalar = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
  .transform(String)
  .optional();
const scalarsOf = (options: object) => Object.fromEntries(Object.keys(options).map((key) => [key, scalar]));
const texts = z.record(z.string(), z.string()).default({});

const digestList = z
  .array(
    z.string().refine((text) => canRead(digests, text), "expected the SHA-256 of a token, as 64 hexadecimal digits"),
  )
  .transform((texts) => texts.flatMap(digests))
  .default([]);

const entry = z.strictObject({
  ...scalarsOf(serviceOptions),
  ...scalarsOf(sharedOptions),
  command: z.string().optional(),
  args: z.array(z.string()).default([]),
  env: texts,
  cwd: z.string().optional(),
  url: z.string().optional(),
  headers: texts,
  // What a url speaks, as clients spell it; Streamable HTTP when nothing is said.
  type: z.enum(["stdio", "http", "streamable-http", "streamableHttp", "sse"]).optional(),
  needs: z.string().optional(),
  port: z.int().min(0).max(65_535).optional(),
  tokens: z.array(z.string()).default([]),
  tokenDigests: digestList,
  // true, or the name of the variable: the server's own secret is a bearer token for this service, too.
  acceptServiceToken: z.union([z.boolean(), z.string()]).default(false),
  version: z.string().optional(),
});

/** Options for which the file also has the shape that other gateways use. */
const sections = {
  cors: z.strictObject({ enabled: z.boolean().default(true), origins: z.array(z.string()).default([]) }),
  rateLimit: z
    .strictObject({ enabled: z.boolean().default(true), max: z.int().min(1), window: z.string() })
    .partial({ max: true, window: true }),
  // The secret signs session ids between several gateways of one service. One from an example is ignored.
  session: z.strictObject({ secret: z.string().optional(), maxAge: z.int().min(1).optional() }),
};

const file = z.strictObject({
  ...scalarsOf(topOptions),
  cors: sections.cors.optional(),
  rateLimit: sections.rateLimit.optional(),
  session: sections.session.optional(),
  tokens: z.array(z.string()).default([]),
  tokenDigests: digestList,
  mcpServers: z.record(
    z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "a name of lower case letters, digits and dashes"),
    entry,
  ),
});

type File = z.infer<typeof file>;
type Entry = z.infer<typeof entry>;

/**
 * Reads gateway.json.
 * @param given flags, which win over the file
 * @param env where `${NAME}` is filled from
 * @throws ConfigError that names the key, and the nearest known one where a key is unknown
 */
export function readConfigFile(path: string, given: ReadonlyMap<string, string>, env: Environment): GatewayConfig {
  const content = parse(path);
  const nameOf = (key: string) => `${path}: ${key}`;
  const value = (key: string) => given.get(key) ?? valueIn(content, key) ?? secretIn(content, key, env);
  const gateway = readOptions({ ...topOptions, port: { ...gatewayOptions.port, default: "3000" } }, value, nameOf);
  refuseOtherFlags(given);
  const outside = readTokens(given, env);
  const accepted = {
    tokens: [...new Set([...tokensIn(content.tokens, env, nameOf("tokens")), ...outside.tokens])],
    tokenDigests: [...content.tokenDigests, ...outside.tokenDigests],
  };
  const atTop: Given = (key) => (key in sharedOptions ? value(key) : undefined);
  const services = Object.entries(content.mcpServers).map(([name, own]) =>
    readEntry(own, { name, where: `${path}: mcpServers.${name}`, atTop, env, maxAge: content.session?.maxAge }),
  );
  if (services.length === 0) throw new ConfigError(`${path}: mcpServers: got none, expected at least one`);
  refuseWeakTokens(gateway.host, accepted.tokens, nameOf("tokens"));
  for (const service of services) requireGuarded(service, gateway.host, accepted, path);
  refuseClashingPorts(services, gateway.port, path);
  const tokens = [...accepted.tokens, ...services.flatMap((service) => service.tokens)];
  const warnings = [...shownSecrets(given), ...weaknessesHere(gateway.host, tokens)];
  return { ...gateway, ...accepted, hub: true, services, warnings };
}

/** What opens a service must be hard to guess, and must be there where others can reach it. @throws ConfigError */
function requireGuarded(service: ServiceConfig, host: string, shared: Accepted, path: string): void {
  const where = `${path}: mcpServers.${service.name}`;
  const all = {
    tokens: [...shared.tokens, ...service.tokens],
    tokenDigests: [...shared.tokenDigests, ...service.tokenDigests],
  };
  requireToken(host, all, '"tokens"');
  refuseWeakTokens(host, service.tokens, `${where}.tokens`);
  refuseOpenOrigins(service, all, `${where}.allowedOrigins`);
}

/** A flag for one service is refused: the file has a place for it. @throws ConfigError */
function refuseOtherFlags(given: ReadonlyMap<string, string>): void {
  const other = [...given.keys()].find((key) => !tokenFlags.has(key) && !(key in topOptions));
  if (other !== undefined)
    throw new ConfigError(`${flagOf(other)}: not together with --config: it has its place in the file`);
}

const tokenFlags: ReadonlySet<string> = new Set(["token", "tokenFile", "tokenDigests"]);

/** @throws ConfigError that names both services */
function refuseClashingPorts(services: readonly ServiceConfig[], hubPort: number, path: string): void {
  const taken = new Map<number, string>([[hubPort, "the hub"]]);
  for (const { name, port = 0 } of services) {
    const other = port === 0 ? undefined : taken.get(port);
    if (other) throw new ConfigError(`${path}: mcpServers.${name}.port: got ${port}, which is the port of ${other}`);
    taken.set(port, name);
  }
}

function parse(path: string): File {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(code === "ENOENT" ? `${path}: there is no such file` : `${path}: ${message}`);
  }
  const result = file.safeParse(json);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => `${path}: ${describe(issue)}`).join("\n"));
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.join(".");
  if (issue.code === "invalid_key") return `${where}: expected ${issue.issues[0]?.message}`;
  if (issue.code === "invalid_type" && where === "mcpServers")
    return "mcpServers: expected an object with a server for each name";
  if (issue.code === "invalid_union") return `${where}: expected text, a number, true or false, or a list of texts`;
  if (issue.code !== "unrecognized_keys") return `${where || "the file"}: ${issue.message}`;
  return issue.keys
    .map((key) => `${[where, key].filter(Boolean).join(".")}: unknown key${didYouMean(key, keysAt(issue.path))}`)
    .join("\n");
}

/** The keys that are known at a place of the file. */
function keysAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(file.shape);
  if (path[0] === "mcpServers") return Object.keys(entry.shape);
  const section = Object.entries(sections).find(([name]) => name === path[0])?.[1];
  return section ? Object.keys(section.shape) : [];
}

/** The value of a gateway option, also where the file has a shape of its own for it. */
function valueIn(content: File, key: string): string | undefined {
  const { cors, rateLimit } = content;
  if (key === "allowedOrigins" && cors) return cors.enabled ? cors.origins.join(",") : "";
  if (rateLimit?.enabled === false && key === "sessionRate") return "0";
  if (rateLimit && key === "requestRate") return rateLimit.enabled ? requestRate(rateLimit) : "0";
  if (rateLimit && key === "requestBurst" && rateLimit.max !== undefined) return String(rateLimit.max);
  return (content as Record<string, unknown>)[key] as string | undefined;
}

function secretIn({ session }: File, key: string, env: Environment): string | undefined {
  if (key !== "sessionSecret" || session?.secret === undefined) return undefined;
  const written = fill(session.secret, env);
  try {
    return secret(written);
  } catch {
    return undefined;
  }
}

function requestRate({ max, window }: NonNullable<File["rateLimit"]>): string | undefined {
  return max === undefined || window === undefined ? undefined : `${max}/${window}`;
}

/** What was set for a key, as text. */
type Given = (key: string) => string | undefined;

interface EntryContext {
  readonly name: string;
  /** Where the entry is, for messages. */
  readonly where: string;
  /** What is set for all services. */
  readonly atTop: Given;
  readonly env: Environment;
  /** `session.maxAge` of the file: milliseconds. */
  readonly maxAge: number | undefined;
}

function readEntry(own: Entry, { name, where, atTop, env, maxAge }: EntryContext): ServiceConfig {
  const value: Given = (key) =>
    ((own as Record<string, unknown>)[key] as string | undefined) ??
    atTop(key) ??
    (key === "idleTtl" && maxAge !== undefined ? `${maxAge}ms` : undefined);
  const values = readOptions({ ...serviceOptions, ...sharedOptions }, value, (key) => `${where}.${key}`);
  requireSharedForSerial(values.serial, values.isolation, `${where}.serial`);
  const server = serverOf(own, env, where);
  const tokens = [...tokensIn(own.tokens, env, `${where}.tokens`), ...serviceTokensOf(own, server, env, where)];
  const { version, port, tokenDigests } = own;
  return { ...values, name, version, server, port, tokens, tokenDigests };
}

/** The secret of the server's own that is a token, too. A server that lacks one cannot run, and needs no token. */
function serviceTokensOf(own: Entry, server: ServerConfig, env: Environment, where: string): string[] {
  const { acceptServiceToken: asked } = own;
  if (asked === false || server.kind === "needs") return [];
  const { command, url, args, headers } = own;
  const names = referencesIn([command, url, ...args, ...Object.values(own.env), ...Object.values(headers)]);
  const literal = Object.entries(own.env).map(([name, value]) => [name, fill(value, env)] as const);
  const secrets = new Map<string, string | undefined>(names.map((name) => [name, env[name]]));
  if (asked !== true && !secrets.has(asked)) secrets.set(asked, new Map(literal).get(asked));
  return [serviceToken({ where: `${where}.acceptServiceToken`, asked: String(asked), secrets })];
}

function serverOf(own: Entry, env: Environment, where: string): ServerConfig {
  const kinds = [own.command, own.url, own.needs].filter((kind) => kind !== undefined).length;
  if (kinds !== 1) throw new ConfigError(`${where}: got ${kinds} of command, url and needs, expected one`);
  if (own.needs !== undefined) return { kind: "needs", needs: own.needs };
  const missing = missingIn(
    [own.url, own.cwd, ...own.args, ...Object.values(own.env), ...Object.values(own.headers)],
    env,
  );
  if (missing.length > 0) return { kind: "needs", needs: missing.join(" and ") };
  const filled = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fill(value, env)]));
  if (own.url !== undefined) {
    const url = urlIn(fill(own.url, env), `${where}.url`);
    return { kind: own.type === "sse" ? "sse" : "http", url, headers: filled(own.headers) };
  }
  const args = own.args.map((arg) => fill(arg, env));
  return { kind: "stdio", command: own.command!, args, env: filled(own.env), cwd: own.cwd };
}

function canRead(read: (text: string) => unknown, text: string): boolean {
  try {
    read(text);
    return true;
  } catch {
    return false;
  }
}

function urlIn(text: string, where: string): string {
  try {
    return httpUrl(text);
  } catch (error) {
    throw new ConfigError(`${where}: ${(error as Error).message}`);
  }
}
