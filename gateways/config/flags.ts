/** The command line and the environment: one service, no file. */
import { parseArgs } from "node:util";
import {
  ConfigError,
  flagOf,
  gatewayOptions,
  isList,
  isSwitch,
  readOptions,
  serverOptions,
  serviceOptions,
  sharedOptions,
  type GatewayConfig,
  type Option,
  type ServerConfig,
  type ServiceConfig,
} from "../config.ts";
import { allOptions } from "./every-option.ts";
import {
  allowWithoutLogin,
  readTokens,
  refuseOpenOrigins,
  refuseWeakTokens,
  requireToken,
  serviceToken,
  shownSecrets,
  weaknessesHere,
} from "./callers.ts";
import { type Environment, fromEnvironment, type OptionVariables, settingOf } from "./environment.ts";
import { translate } from "./foreign-flags.ts";
import { refuseTwice } from "./groups.ts";
import { hiddenFiles } from "./hidden-files.ts";
import { checkLogins } from "./logins.ts";
import { nearest } from "./nearest.ts";
import { withVerifier } from "./verify.ts";
import { misspelt, unread, unreadServer } from "./variable-names.ts";

/** What the command line says. */
export interface Invocation {
  readonly help: boolean;
  readonly version: boolean;
  readonly config: string | undefined;
  /** Options that were given, as text, by key. */
  readonly given: ReadonlyMap<string, string>;
  /** What to tell about flags of other programs that were taken. */
  readonly words: readonly string[];
}

/** Reads the command line: flags, and after `--` the command of the server. @throws ConfigError that names the nearest known flag */
export function readArguments(written: readonly string[]): Invocation {
  const keys = new Map(Object.keys(allOptions).map((key) => [flagOf(key).slice(2), key]));
  const end = written.indexOf("--");
  const flags = end < 0 ? written : written.slice(0, end);
  const isOurs = (name: string) => keys.has(name) || ["help", "version", "config"].includes(name);
  const { args, words } = translate(flags, isOurs);
  const { tokens } = parseArgs({ args: [...args], strict: false, tokens: true, options: parseable(keys) });
  const given = new Map<string, string>();
  let config: string | undefined;
  let help = false;
  let version = false;
  for (const token of tokens) {
    if (token.kind !== "option") throw noFlag(args, token.index);
    const negated = token.name.startsWith("no-") ? token.name.slice(3) : undefined;
    const key = keys.get(token.name) ?? (negated && isSwitchKey(keys.get(negated)) ? keys.get(negated) : undefined);
    if (token.name === "help" || token.name === "h") help = true;
    else if (token.name === "version") version = true;
    else if (token.name === "config") config = requireValue(token.rawName, token.value);
    else if (key === undefined) throw unknownFlag(token.rawName, keys.keys(), args, token.index);
    else if (isSwitchKey(key)) given.set(key, token.value ?? (negated ? "false" : "true"));
    else given.set(key, together(key, given.get(key), requireValue(token.rawName, token.value)));
  }
  if (end >= 0) addCommand(given, written.slice(end + 1));
  return { help, version, config, given, words };
}

/** @throws ConfigError */
function addCommand(given: Map<string, string>, command: readonly string[]): void {
  if (command.length === 0) throw new ConfigError("--: expected the command of a server after it");
  for (const key of ["stdio", "url"])
    if (given.has(key)) throw new ConfigError(`got both ${flagOf(key)} and a command after --, expected one of them`);
  given.set("stdio", command.map(quoted).join(" "));
}

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The value of a flag that is given again: lists add up, of anything else the last one counts. */
const together = (key: string, before: string | undefined, value: string) =>
  before !== undefined && isList(allOptions[key]!) ? `${before}\n${value}` : value;

/** The configuration of a gateway for one server, from flags and environment; a flag wins. @throws ConfigError */
export function readOneServer({ given }: Invocation, variables: OptionVariables): GatewayConfig {
  const { env } = variables;
  // Started by a person, it has no proxy in front of it that callers could share.
  const byHand = (key: string) => (key === "exemptLoopback" && given.size > 0 ? "true" : undefined);
  const setting = (key: string, option: Option<unknown>) => (given.has(key) ? undefined : settingOf(option, variables));
  const value = (key: string, option: Option<unknown>) => given.get(key) ?? setting(key, option)?.text ?? byHand(key);
  const nameOf = (key: string, option: Option<unknown>) => setting(key, option)?.where ?? flagOf(key);
  const isHidden = (key: string) => setting(key, allOptions[key]!)?.isFile ?? false;
  const read = <Options extends Record<string, Option<unknown>>>(options: Options) =>
    readOptions(options, value, nameOf, isHidden);
  const shared = read(sharedOptions);
  const gateway = { ...read(gatewayOptions), ...shared };
  const service = { ...read(serviceOptions), ...shared };
  const { token, tokenDigests: _, namedTokens: __, ...others } = serverOptions;
  const { stdio, env: names, url, group, name, ...rest } = read(others);
  const { serviceVersion: version, acceptServiceToken: asked, upstreamToken, urlType: kind } = rest;
  const { verifySecret, serverSocket: socket } = rest;
  const members = group.length === 0 ? undefined : group;
  const got = Object.entries({ stdio, url, group: members }).filter(([, value]) => value !== undefined);
  if (got.length > 1)
    throw new ConfigError(`got both ${got.map(([key]) => flagOf(key)).join(" and ")}, expected one of them`);
  if (got.length === 0) {
    throw new ConfigError(
      `expected a server: --stdio "<command line>", --url <URL>, --group <name>=<URL>, or --config <file>; see --help${unreadServer(variables)}`,
    );
  }
  if (socket !== undefined && !stdio)
    throw new ConfigError(
      `${nameOf("serverSocket", serverOptions.serverSocket)}: expected --stdio with the command that runs there`,
    );
  const passed = variablesOf(names, env);
  const hidden = hiddenFiles({ env, files: [given.get("tokenFile"), service.stateDir] });
  const headers: Record<string, string> = upstreamToken ? { Authorization: `Bearer ${upstreamToken}` } : {};
  const server: ServerConfig = stdio
    ? { kind: "stdio", command: stdio[0]!, args: stdio.slice(1), env: passed, cwd: undefined, socket, hidden }
    : members
      ? { kind: "group", members: members.map((member) => ({ ...member, headers })) }
      : { kind, url, headers };
  refuseTwice(
    group.map((member) => member.name),
    "--group",
  );
  const accepted = readTokens(given, variables);
  const secrets = new Map<string, string | undefined>(Object.entries(passed));
  if (upstreamToken !== undefined) secrets.set(serverOptions.upstreamToken.env, upstreamToken);
  // A container names a secret that it has as a file, whichever option the server gets it by.
  if (asked !== undefined && asked !== "true" && !secrets.has(asked)) secrets.set(asked, fromEnvironment(env, asked));
  const own =
    asked === undefined
      ? []
      : [serviceToken({ where: nameOf("acceptServiceToken", serverOptions.acceptServiceToken), asked, secrets })];
  const all = { ...accepted, tokens: [...accepted.tokens, ...own] };
  const hostFrom = nameOf("host", gatewayOptions.host);
  requireToken({ host: gateway.host, hostFrom }, all, service, "MCP_BEARER_TOKEN");
  checkLogins({ ...service, ...gateway }, all, nameOf("auth", serviceOptions.auth), flagOf);
  refuseWeakTokens(gateway.host, accepted.tokens, nameOf(given.has("tokenFile") ? "tokenFile" : "token", token));
  refuseWeakTokens(gateway.host, own, nameOf("acceptServiceToken", serverOptions.acceptServiceToken));
  refuseOpenOrigins(service, all, nameOf("allowedOrigins", sharedOptions.allowedOrigins));
  const one: ServiceConfig = {
    ...service,
    name: name ?? (members ? "group" : nameFrom(stdio ?? [url])),
    version,
    server,
    port: gateway.port,
    tokens: own,
    tokenDigests: [],
    namedTokens: [],
  };
  requireSharedForSerial(one.serial, one.isolation, "--serial");
  requireRevivable(one, "--stop-after");
  const verified = withVerifier(one, {
    where: nameOf("auth", serviceOptions.auth),
    spelled: flagOf,
    folder: process.cwd(),
    asked: verifySecret,
    secrets: names.filter((written) => !written.includes("=")),
  });
  const warnings = [
    ...misspelt(variables),
    ...shownSecrets(given),
    ...weaknessesHere(gateway.host, all.tokens),
    ...allowWithoutLogin(one, all),
  ];
  return {
    ...gateway,
    ...accepted,
    hub: false,
    startedBy: "flags",
    services: [verified],
    warnings,
    notes: unread(variables),
  };
}

/** @throws ConfigError */
export function requireSharedForSerial(serial: boolean, isolation: string, where: string): void {
  if (!serial || isolation === "shared") return;
  throw new ConfigError(
    `${where}: got isolation session, expected shared (only a shared server can be given one call at a time)`,
  );
}

/** A process that ends takes what it holds with it, and a session that is not revived is over then. @throws ConfigError */
export function requireRevivable(
  { stopAfter, revive, isolation }: Pick<ServiceConfig, "stopAfter" | "revive" | "isolation">,
  where: string,
): void {
  if (stopAfter === undefined || revive || isolation === "shared") return;
  throw new ConfigError(
    `${where}: got a time, expected none with revive false (sessions would end with their process)`,
  );
}

/** The variables for the server: of this environment it gets only those that were named. @throws ConfigError */
function variablesOf(names: readonly string[], env: Environment): Record<string, string> {
  const entries = names.map((written): [string, string] => {
    const [, name = written, value] = /^(\w+)=(.*)$/s.exec(written) ?? [];
    const found = value ?? fromEnvironment(env, name);
    if (found !== undefined) return [name, found];
    throw new ConfigError(`--env: got ${name}, expected a variable that is set here, or NAME=value`);
  });
  return Object.fromEntries(entries);
}

const RUNNERS = /^(env|node|npx|uvx|python3?|sh|bash|bunx?|deno|tsx|-.*|run|exec|dlx)$/;
const NAMELESS = /^(index|main|server|cli|stdio|dist|build|src|lib|bin)$/;

/** A name for a server from its command or URL: the package, script or folder that says most. */
function nameFrom(words: readonly string[]): string {
  const word = words.find((part) => !RUNNERS.test(part.split("/").at(-1) ?? "") && !/^\w+=/.test(part)) ?? "server";
  const parts = word.split("/").map((part) => part.replace(/(.)@[\d.]+.*$/, "$1").replace(/\.[a-z]+$/i, ""));
  const part = parts.findLast((candidate) => candidate !== "" && !NAMELESS.test(candidate)) ?? "server";
  return (
    part
      .replace(/[^\w-]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .toLowerCase() || "server"
  );
}

const parseable = (keys: ReadonlyMap<string, string>) =>
  Object.fromEntries([
    ["help", { type: "boolean", short: "h" } as const],
    ["version", { type: "boolean" } as const],
    ["config", { type: "string" } as const],
    ...[...keys].map(([name, key]) => [name, { type: isSwitchKey(key) ? "boolean" : "string" } as const] as const),
  ]);

const isSwitchKey = (key: string | undefined) => key !== undefined && isSwitch(allOptions[key]!);

function requireValue(name: string, value: string | undefined): string {
  if (value === undefined || value.startsWith("--") || (value.trim() === "" && name.startsWith("--token")))
    throw new ConfigError(`${name}: expected a value`);
  return value;
}

function unknownFlag(name: string, known: Iterable<string>, args: readonly string[], at: number): ConfigError {
  const meant = nearest(name.replace(/^-+(no-)?/, ""), ["help", "version", "config", ...known]);
  if (meant === undefined && isInCommand(args, at)) return noFlag(args, at);
  return new ConfigError(`${name} is not a flag. ${meant === undefined ? SEE : `Did you mean --${meant}?`}`);
}

const SEE = "See: npx gangway-mcp help gateway";

/** Whether a word most likely belongs to a command line that was not put into quotes: `--stdio npx -y some-server`. */
const isInCommand = (args: readonly string[], at: number) =>
  args.lastIndexOf("--stdio", at) >= 0 &&
  args.slice(args.lastIndexOf("--stdio", at) + 2, at).every((word) => !word.startsWith("--"));

function noFlag(args: readonly string[], at: number): ConfigError {
  const start = args.lastIndexOf("--stdio", at);
  if (start < 0) return new ConfigError(`got ${args[at]}, expected a flag. ${SEE}`);
  const [flags, command] = [args.slice(0, start), args.slice(start + 1)];
  return new ConfigError(
    `--stdio: a command of several words is put into quotes, or after --: npx gangway-mcp ${[...flags, "--", ...command].join(" ")}`,
  );
}
