/** One entry of gateway.json as a service that is ready to run, or that says what it needs. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import {
  ConfigError,
  gatewayOptions,
  readOptions,
  serverOptions,
  type ServerConfig,
  type ServiceConfig,
} from "../config.ts";
import { serviceToken, singleTokens } from "./callers.ts";
import { fromEnvironment, type Environment } from "./environment.ts";
import { entryOptions, type Entry } from "./file-shape.ts";
import { requireRevivable, requireSharedForSerial } from "./flags.ts";
import { belowHub } from "./logins.ts";
import { refersTo, type Filled } from "./references.ts";
import { withVerifier, type VerifySource } from "./verify.ts";

/** What an entry's reader knows besides the entry. */
export interface EntryContext {
  readonly name: string;
  /** Where the entry is, for messages. */
  readonly where: string;
  /** What is set for all services, as text. */
  readonly forAll: (key: string) => string | undefined;
  /** What of the entry was filled, and what of its server could not be. */
  readonly filled: Filled<unknown>;
  readonly env: Environment;
  /** The folder of gateway.json. */
  readonly folder: string;
  /** What no server sees in its sandbox. */
  readonly hidden: readonly string[];
}

/** Keys of a server. Without a variable of theirs it cannot run, which stops no other: it says what it needs. */
export const OF_SERVER = /^(command|args|env|envFile|cwd|url|headers)\b/;

/** @throws ConfigError that names the key and shows no value of a variable */
export function readEntry(own: Entry, context: EntryContext): ServiceConfig {
  const { name, where, forAll } = context;
  const written = own as Readonly<Record<string, unknown>> as Readonly<Record<string, string | undefined>>;
  const inherited = (key: string) => (key === "publicUrl" ? belowHub(forAll(key), name) : forAll(key));
  const values = readOptions(entryOptions, (key) => written[key] ?? inherited(key), ...toldIn(context));
  requireSharedForSerial(values.serial, values.isolation, written["serial"] ? `${where}.serial` : "serial");
  requireRevivable(values, written["stopAfter"] ? `${where}.stopAfter` : "stopAfter");
  const server = serverOf(own, context);
  const tokens = [...singleTokens(own.tokens, `${where}.tokens`), ...serviceTokensOf(own, server, context)];
  const { version, tokenDigests, namedTokens } = own;
  const config = { ...values, name, version, server, port: portOf(own, context), tokens, tokenDigests, namedTokens };
  return withVerifier(config, verifySourceOf(own, context));
}

function verifySourceOf(own: Entry, { where, filled, folder }: EntryContext): VerifySource {
  const variables = [...filled.names.keys()].flatMap((at) => /^env\.(\w+)$/.exec(at)?.[1] ?? []);
  const spelled = (key: string) => `${where}.${key}`;
  return { where: `${where}.auth`, spelled, folder, asked: own.verifySecret, secrets: variables };
}

/** How a mistake in a key of the entry is told. */
const toldIn = ({ where, filled }: EntryContext) =>
  [(key: string) => `${where}.${key}`, (key: string) => refersTo(filled, key)] as const;

const portOf = ({ port }: Entry, context: EntryContext): number | undefined =>
  port === undefined ? undefined : readOptions({ port: gatewayOptions.port }, () => port, ...toldIn(context)).port;

function serverOf(own: Entry, context: EntryContext): ServerConfig {
  const kinds = [own.command, own.url, own.group, own.needs, own.failed].filter((kind) => kind !== undefined).length;
  if (kinds !== 1)
    throw new ConfigError(`${context.where}: got ${kinds} of command, url, group and needs, expected one`);
  if (own.group !== undefined) return { kind: "group", members: own.group.map((name) => ({ name })) };
  if (own.failed !== undefined) return { kind: "failed", failed: own.failed };
  const needs = own.needs ?? missingIn(context);
  if (needs !== undefined) return { kind: "needs", needs, remedy: own.remedy };
  if (own.url !== undefined) {
    const { url } = readOptions({ url: serverOptions.url }, () => own.url, ...toldIn(context));
    return { kind: own.type === "sse" ? "sse" : "http", url, headers: own.headers };
  }
  const env = { ...variablesIn(own.envFile, context), ...own.env };
  const { hidden } = context;
  return { kind: "stdio", command: own.command!, args: own.args, env, cwd: own.cwd, hidden, egress: own.egress };
}

/** The secret of the server's own that is a token, too. A server that lacks one cannot run, and needs no token. */
function serviceTokensOf(own: Entry, server: ServerConfig, { where, filled, env }: EntryContext): string[] {
  const { acceptServiceToken: asked } = own;
  if (asked === false || server.kind === "needs" || server.kind === "failed") return [];
  const names = [...filled.names].flatMap(([at, used]) => (OF_SERVER.test(at) ? used : []));
  const secrets = new Map<string, string | undefined>(names.map((name) => [name, fromEnvironment(env, name)]));
  if (asked !== true && !secrets.has(asked)) secrets.set(asked, own.env[asked]);
  return [serviceToken({ where: `${where}.acceptServiceToken`, asked: String(asked), secrets })];
}

/** The variables of the server that are not set. */
function missingIn({ filled: { missing } }: EntryContext): string | undefined {
  return missing.length === 0 ? undefined : [...new Set(missing.map(({ name }) => name))].join(" and ");
}

/** @throws ConfigError when the file cannot be read */
function variablesIn(file: string | undefined, { where, folder }: EntryContext): Record<string, string> {
  if (file === undefined) return {};
  try {
    return parseEnv(readFileSync(resolve(folder, file), "utf8")) as Record<string, string>;
  } catch (error) {
    throw new ConfigError(`${where}.envFile: cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}
