/** Where an option that holds for all services of gateway.json is set: by a flag, in the environment, in the file. */
import { flagOf, gatewayOptions, readOptions, serverOptions, type GatewayValues, type Option } from "../config.ts";
import { settingOf, type OptionVariables } from "./environment.ts";
import { topOptions, type File } from "./file-shape.ts";
import { refersTo, type Filled } from "./references.ts";
import { secret } from "./units.ts";

/** Everything that can set an option for all services. */
export interface Sources {
  readonly content: File;
  /** What of the top was filled. */
  readonly filled: Filled<unknown>;
  readonly given: ReadonlyMap<string, string>;
  readonly variables: OptionVariables;
  readonly path: string;
  /** Whether there is no service yet: then nothing is signed. */
  readonly isIdle: boolean;
}

/** Where an option is set, and to what. */
interface Source {
  readonly text: string;
  /** For messages. */
  readonly name: string;
  readonly isHidden: boolean;
}

/** What sets an option: a flag wins over the environment, and that over the file. */
export function sourceOf(key: string, option: Option<unknown>, sources: Sources): Source | undefined {
  const { given, variables, content, filled, path } = sources;
  const flag = given.get(key);
  if (flag !== undefined) return { text: flag, name: flagOf(key), isHidden: false };
  const value = settingOf(option, variables);
  if (value !== undefined) return { text: value.text, name: value.where, isHidden: value.isFile };
  const { at, text } = valueIn(content, key);
  return text === undefined ? undefined : { text, name: `${path}: ${at}`, isHidden: refersTo(filled, at) };
}

/** The values for the gateway, and for every service that sets none of its own. @throws ConfigError */
export function readTop(sources: Sources): GatewayValues {
  const options = { ...topOptions, port: { ...gatewayOptions.port, default: "3000" } };
  const found = (key: string, option: Option<unknown>) =>
    key === "sessionSecret" && sources.isIdle ? undefined : sourceOf(key, option, sources);
  const nameOf = (key: string, option: Option<unknown>) => found(key, option)?.name ?? key;
  const isHidden = (key: string) => sourceOf(key, options[key as keyof typeof options], sources)?.isHidden ?? false;
  return readOptions(options, (key, option) => found(key, option)?.text, nameOf, isHidden);
}

/** Where the file has the value of an option, which may be a section that other gateways have for it. */
function valueIn(
  { cors, rateLimit, session, ...content }: File,
  key: string,
): { at: string; text: string | undefined } {
  const isOff = rateLimit?.enabled === false;
  if (key === "allowedOrigins" && cors) return { at: "cors.origins", text: cors.enabled ? cors.origins.join(",") : "" };
  if (isOff && (key === "sessionRate" || key === "requestRate")) return { at: "rateLimit", text: "0" };
  if (key === "requestRate" && rateLimit) return { at: "rateLimit.window", text: requestRate(rateLimit) };
  if (key === "requestBurst" && rateLimit?.max !== undefined)
    return { at: "rateLimit.max", text: String(rateLimit.max) };
  if (key === "sessionSecret" && session?.secret !== undefined) return { at: "session.secret", text: session.secret };
  if (key === "idleTtl" && session?.maxAge !== undefined) return { at: "session.maxAge", text: `${session.maxAge}ms` };
  return { at: key, text: (content as Record<string, unknown>)[key] as string | undefined };
}

function requestRate({ max, window }: NonNullable<File["rateLimit"]>): string | undefined {
  return max === undefined || window === undefined ? undefined : `${max}/${window}`;
}

/** What is set and has no effect: variables for the one server of the command line, and a secret that signs nothing yet. */
export function withoutEffect(sources: Sources): string[] {
  const { variables, isIdle } = sources;
  const { token: _, tokenFile: __, tokenDigests: ___, namedTokens: ____, ...ofOneServer } = serverOptions;
  const set = Object.values<Option<unknown>>(ofOneServer).flatMap((option) => settingOf(option, variables) ?? []);
  const weak = isIdle ? weaknessOf(sourceOf("sessionSecret", gatewayOptions.sessionSecret, sources)) : undefined;
  return [
    ...set.map(({ where }) => `${where}: without effect beside --config: gateway.json names the servers`),
    ...(weak === undefined ? [] : [`${weak}; a gateway with a server is refused with this one`]),
  ];
}

function weaknessOf(source: Source | undefined): string | undefined {
  try {
    if (source !== undefined) secret(source.text);
    return undefined;
  } catch (error) {
    return `${source?.name}: ${(error as Error).message}`;
  }
}
