/** gateway.json: several services in the `mcpServers` shape that clients use, checked key by key. */
import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import {
  ConfigError,
  flagOf,
  type GatewayConfig,
  gatewayOptions,
  type GatewayValues,
  type ServiceConfig,
  serviceOptions,
} from "../config.ts";
import {
  allowWithoutLogin,
  type Accepted,
  type Listening,
  readTokens,
  refuseOpenOrigins,
  refuseWeakTokens,
  requireToken,
  shownSecrets,
  singleTokens,
  weaknessesHere,
} from "./callers.ts";
import { isObject } from "./client-entry.ts";
import { type Environment, type OptionVariables, settingOf } from "./environment.ts";
import { OF_SERVER, readEntry } from "./file-entry.ts";
import { sortFile } from "./file-servers.ts";
import { checkShape, refuseTwice, topOptions } from "./file-shape.ts";
import { checkGroups } from "./groups.ts";
import { checkLogins, type LoginConfig } from "./logins.ts";
import { hiddenFiles } from "./hidden-files.ts";
import { parseFile } from "./json-file.ts";
import { fillReferences, type Filled } from "./references.ts";
import { readTop, sourceOf, withoutEffect, type Sources } from "./sources.ts";
import { requireSameTokens } from "./token-names.ts";
import { misspelt, unread } from "./variable-names.ts";
import { refuseOpenGroups } from "./verify.ts";

/**
 * Reads gateway.json. A flag wins over the environment, the environment over the top of the file, and an entry over them all.
 * @param given flags
 * @param variables.env also where `${NAME}` is filled from
 * @throws ConfigError that names the key, and the nearest known one where a key is unknown
 */
export function readConfigFile(
  path: string,
  given: ReadonlyMap<string, string>,
  variables: OptionVariables,
): GatewayConfig {
  refuseOtherFlags(given);
  return readContent(parse(path), path, given, variables);
}

/**
 * Reads what a gateway.json holds, or what a program says instead of one.
 * @param path what mistakes are told of: the file, or the function that was called
 * @throws ConfigError
 */
export function readContent(
  json: unknown,
  path: string,
  given: ReadonlyMap<string, string>,
  variables: OptionVariables,
): GatewayConfig {
  const { env } = variables;
  const { top, servers, warnings } = sortFile(json, path);
  const filledTop = fillReferences(top, `${path}: `, env);
  const entries = servers.map(([name, own]) => ({ name, filled: fillEntry(own, `${path}: mcpServers.${name}.`, env) }));
  requireSet(filledTop, `${path}: `);
  for (const { name, filled } of entries) requireSet(filled, `${path}: mcpServers.${name}.`);
  const mcpServers = Object.fromEntries(entries.map(({ name, filled }) => [name, filled.content]));
  const content = checkShape({ ...filledTop.content, mcpServers }, path);
  refuseTwice(content, path);

  const sources: Sources = { content, filled: filledTop, given, variables, path, isIdle: entries.length === 0 };
  const gateway = readTop(sources);
  const accepted = acceptedBy(sources);
  const forAll = (key: string) => sourceOf(key, topOptions[key as keyof typeof topOptions], sources)?.text;
  const folder = dirname(path);
  const hidden = hiddenIn(sources);
  const services = entries.map(({ name, filled }) => {
    const where = `${path}: mcpServers.${name}`;
    return readEntry(content.mcpServers[name]!, { name, where, forAll, filled, env, folder, hidden });
  });
  const hostFrom = sourceOf("host", gatewayOptions.host, sources)?.name ?? "host";
  checkTogether({ ...gateway, ...accepted, services }, path, hostFrom);
  return {
    ...gateway,
    ...accepted,
    hub: true,
    startedBy: content.startedBy ?? "file",
    services,
    files: filesIn(sources),
    hint: services.length === 0 ? howToAdd(path) : undefined,
    warnings: [
      ...warnings,
      ...[filledTop, ...entries.map(({ filled }) => filled)].flatMap((part) => part.warnings),
      ...withoutEffect(sources),
      ...misspelt(variables),
      ...shownSecrets(given),
      ...services.flatMap((service) => allowWithoutLogin(service, together(accepted, service))),
      ...weaknessesHere(gateway.host, [...accepted.tokens, ...services.flatMap((service) => service.tokens)]),
    ],
    notes: unread(variables),
  };
}

/**
 * Whether services may be reached where their gateway listens, by whoever it lets in, and do not clash with each other.
 * @param hostFrom what has set the host @throws ConfigError
 */
export function checkTogether(
  config: GatewayValues & Accepted & Pick<GatewayConfig, "services">,
  path: string,
  hostFrom: string,
): void {
  const { host, port, services } = config;
  refuseWeakTokens(host, config.tokens, `${path}: tokens`);
  for (const service of services) requireGuarded({ ...config, ...service }, { host, hostFrom }, config, path);
  refuseClashingPorts(services, port, path);
  checkGroups(services, path);
  refuseOpenGroups(services, config, path);
  requireSameTokens(services, config.namedTokens, path);
}

/** The files that say something of a gateway: the file itself, and those that it names. */
function filesIn({ content, given, path }: Sources): string[] {
  const tokenFile = given.get("tokenFile");
  return [path, ...(tokenFile === undefined ? [] : [tokenFile]), ...envFilesIn({ content, path })];
}

const envFilesIn = ({ content, path }: Pick<Sources, "content" | "path">): string[] =>
  Object.values(content.mcpServers).flatMap(({ envFile }) => (envFile ? [resolve(dirname(path), envFile)] : []));

/** What holds secrets or sessions of any service. */
function hiddenIn({ content, given, variables, path }: Sources): string[] {
  const written = [content, ...Object.values(content.mcpServers)] as readonly { readonly stateDir?: string }[];
  const states = [...written.map(({ stateDir }) => stateDir), settingOf(serviceOptions.stateDir, variables)?.text];
  const files = [path, given.get("tokenFile"), given.get("stateDir"), ...states, ...envFilesIn({ content, path })];
  return [...hiddenFiles({ env: variables.env, files }), ...content.hidden];
}

/** What opens a service must be hard to guess, and must be there where others can reach it. @throws ConfigError */
function requireGuarded(
  service: ServiceConfig & LoginConfig,
  listening: Listening,
  shared: Accepted,
  path: string,
): void {
  const { host } = listening;
  const where = `${path}: mcpServers.${service.name}`;
  const all = together(shared, service);
  requireToken(listening, all, service, '"tokens"');
  checkLogins(service, all, `${where}.auth`, (key) => `"${key}"`);
  refuseWeakTokens(host, service.tokens, `${where}.tokens`);
  refuseOpenOrigins(service, all, `${where}.allowedOrigins`);
}

const together = (shared: Accepted, own: Accepted): Accepted => ({
  tokens: [...shared.tokens, ...own.tokens],
  tokenDigests: [...shared.tokenDigests, ...own.tokenDigests],
  namedTokens: [...shared.namedTokens, ...own.namedTokens],
});

/** A flag for one server is refused: the file has a place for it. @throws ConfigError */
function refuseOtherFlags(given: ReadonlyMap<string, string>): void {
  const other = [...given.keys()].find((key) => !tokenFlags.has(key) && !(key in topOptions));
  if (other !== undefined)
    throw new ConfigError(`${flagOf(other)}: not together with --config: it has its place in the file`);
}

const tokenFlags: ReadonlySet<string> = new Set(["token", "tokenFile", "tokenDigests", "namedTokens"]);

function parse(path: string): unknown {
  try {
    return parseFile(readFileSync(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(code === "ENOENT" ? `${path}: there is no such file` : `${path}: ${message}`);
  }
}

/** What `needs`, `remedy` and `failed` say is for people: it is no text to be filled. */
function fillEntry(own: unknown, where: string, env: Environment): Filled<unknown> {
  if (!isObject(own)) return fillReferences(own, where, env);
  const { needs, remedy, failed, ...rest } = own;
  const filled = fillReferences(rest, where, env);
  const said = Object.entries({ needs, remedy, failed }).filter(([, text]) => text !== undefined);
  return { ...filled, content: { ...filled.content, ...Object.fromEntries(said) } };
}

/** @throws ConfigError for any other variable that is not set: without a token, for one, anybody would get in */
function requireSet({ missing }: Filled<unknown>, where: string): void {
  const other = missing.find(({ at }) => !OF_SERVER.test(at));
  if (other !== undefined)
    throw new ConfigError(`${where}${other.at}: \${${other.name}} is not set in the environment`);
}

/** What opens every service: the tokens of the file, and those of flags and environment. */
function acceptedBy({ content, given, variables, path }: Sources): Accepted {
  const outside = readTokens(given, variables);
  return {
    tokens: [...new Set([...singleTokens(content.tokens, `${path}: tokens`), ...outside.tokens])],
    tokenDigests: [...content.tokenDigests, ...outside.tokenDigests],
    namedTokens: [...content.namedTokens, ...outside.namedTokens],
  };
}

/** @throws ConfigError that names both services */
function refuseClashingPorts(services: readonly ServiceConfig[], hubPort: number, path: string): void {
  const taken = new Map<number, string>([[hubPort, "the hub"]]);
  for (const { name, port = 0 } of services) {
    const other = port === 0 ? undefined : taken.get(port);
    if (other) throw new ConfigError(`${path}: mcpServers.${name}.port: got ${port}, which is the port of ${other}`);
    taken.set(port, name);
  }
}

/** Anybody may read it, so it does not say where the file is. */
const howToAdd = (path: string) =>
  `there are no servers yet. Add one to ${basename(path)} and start again: ` +
  `"mcpServers": { "memory": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-memory"] } }`;
