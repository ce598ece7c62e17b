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
} from "../config.ts";
import { isLoopback } from "../limits/client-address.ts";
import { fromEnvironment, type Environment } from "./environment.ts";
import { didYouMean } from "./nearest.ts";

/** What the command line says. */
export interface Invocation {
  readonly help: boolean;
  readonly version: boolean;
  readonly config: string | undefined;
  /** Options that were given, as text, by key. */
  readonly given: ReadonlyMap<string, string>;
}

const tables: Record<string, Option<unknown>> = {
  ...serverOptions,
  ...serviceOptions,
  ...sharedOptions,
  ...gatewayOptions,
};

/** Reads the command line. @throws ConfigError that names the nearest known flag */
export function readArguments(args: readonly string[]): Invocation {
  const keys = new Map(Object.keys(tables).map((key) => [flagOf(key).slice(2), key]));
  const { tokens } = parseArgs({ args: [...args], strict: false, tokens: true, options: parseable(keys) });
  const given = new Map<string, string>();
  let config: string | undefined;
  let help = false;
  let version = false;
  for (const token of tokens) {
    if (token.kind !== "option") throw new ConfigError(`${args[token.index]}: expected a flag; see --help`);
    const negated = token.name.startsWith("no-") ? token.name.slice(3) : undefined;
    const key = keys.get(token.name) ?? (negated && isSwitchKey(keys.get(negated)) ? keys.get(negated) : undefined);
    if (token.name === "help" || token.name === "h") help = true;
    else if (token.name === "version") version = true;
    else if (token.name === "config") config = requireValue(token.rawName, token.value);
    else if (key === undefined) throw unknownFlag(token.rawName, keys.keys());
    else if (isSwitchKey(key)) given.set(key, token.value ?? (negated ? "false" : "true"));
    else given.set(key, together(key, given.get(key), requireValue(token.rawName, token.value)));
  }
  return { help, version, config, given };
}

/** The value of a flag that is given again: lists add up, of anything else the last one counts. */
const together = (key: string, before: string | undefined, value: string) =>
  before !== undefined && isList(tables[key]!) ? `${before}\n${value}` : value;

/** The configuration of a gateway for one server, from flags and environment; a flag wins. @throws ConfigError */
export function readOneServer({ given }: Invocation, env: Environment): GatewayConfig {
  // Started by a person, it has no proxy in front of it that callers could share.
  const byHand = (key: string) => (key === "exemptLoopback" && given.size > 0 ? "true" : undefined);
  const value = (key: string, option: Option<unknown>) =>
    given.get(key) ?? fromEnvironment(env, option.env) ?? byHand(key);
  const variableOf = (name: string) => (env[name] || !env[`${name}_FILE`] ? name : `${name}_FILE`);
  const nameOf = (key: string, option: Option<unknown>) => (given.has(key) ? flagOf(key) : variableOf(option.env));
  const shared = readOptions(sharedOptions, value, nameOf);
  const gateway = { ...readOptions(gatewayOptions, value, nameOf), ...shared };
  const service = { ...readOptions(serviceOptions, value, nameOf), ...shared };
  const { stdio, env: names, url, name, ...rest } = readOptions(serverOptions, value, nameOf);
  const { serviceVersion: version, token, upstreamToken, urlType: kind } = rest;
  if (stdio !== undefined && url !== undefined)
    throw new ConfigError("got both --stdio and --url, expected one of them");
  if (stdio === undefined && url === undefined) {
    throw new ConfigError('expected a server: --stdio "<command line>", --url <URL>, or --config <file>; see --help');
  }
  const server: ServerConfig = stdio
    ? { kind: "stdio", command: stdio[0]!, args: stdio.slice(1), env: variablesOf(names, env), cwd: undefined }
    : { kind, url, headers: upstreamToken ? { Authorization: `Bearer ${upstreamToken}` } : {} };
  requireToken(gateway.host, token, "MCP_BEARER_TOKEN (or --token)");
  const own = { ...service, name: name ?? nameFrom(stdio ?? [url]), version, server, port: gateway.port, tokens: [] };
  requireSharedForSerial(own.serial, own.isolation, "--serial");
  return { ...gateway, hub: false, services: [own], tokens: token, warnings: [] };
}

/** A gateway that others can reach must ask for a token. @throws ConfigError */
export function requireToken(host: string, tokens: readonly string[], where: string): void {
  if (tokens.length > 0 || host === "localhost" || isLoopback(host)) return;
  throw new ConfigError(
    `host: got ${host}, where others can reach it, without a bearer token: set ${where}, or listen on 127.0.0.1`,
  );
}

/** @throws ConfigError */
export function requireSharedForSerial(serial: boolean, isolation: string, where: string): void {
  if (!serial || isolation === "shared") return;
  throw new ConfigError(
    `${where}: got isolation session, expected shared (only a shared server can be given one call at a time)`,
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

const isSwitchKey = (key: string | undefined) => key !== undefined && isSwitch(tables[key]!);

function requireValue(name: string, value: string | undefined): string {
  if (value === undefined || value.startsWith("--") || (value.trim() === "" && name === "--token"))
    throw new ConfigError(`${name}: expected a value`);
  return value;
}

function unknownFlag(name: string, known: Iterable<string>): ConfigError {
  const hint = didYouMean(name.replace(/^-+/, ""), ["help", "version", "config", ...known]).replace("mean ", "mean --");
  return new ConfigError(`${name}: unknown flag${hint}${hint === "" ? "; see --help" : ""}`);
}
