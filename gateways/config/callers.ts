/** Who may call: the tokens that flags, environment and file give, and what is refused because anybody could get in. */
import {
  ConfigError,
  flagOf,
  type GatewayConfig,
  type Option,
  readOptions,
  serverOptions,
  type ServiceConfig,
} from "../config.ts";
import { isLoopback } from "../limits/address.ts";
import { contentOf, type OptionVariables, settingOf } from "./environment.ts";
import { formProblem, MAKE_TOKEN, weakness } from "./tokens.ts";

/** What opens a service. */
export type Accepted = Pick<GatewayConfig, "tokens" | "tokenDigests" | "namedTokens">;

/** The tokens and digests of the flags, and of the environment where no flag gives any. @throws ConfigError */
export function readTokens(given: ReadonlyMap<string, string>, variables: OptionVariables): Accepted {
  const { token, tokenDigests, namedTokens } = serverOptions;
  const file = given.get("tokenFile");
  const inEnvironment = (key: string, option: Option<unknown>) =>
    given.has(key) || (key === "token" && file !== undefined) ? undefined : settingOf(option, variables);
  const read = readOptions(
    { token, tokenDigests, namedTokens },
    (key, option) => given.get(key) ?? inEnvironment(key, option)?.text,
    (key, option) => inEnvironment(key, option)?.where ?? flagOf(key),
    () => true,
  );
  const inFile = file === undefined ? [] : tokensInFile(file);
  const { tokenDigests: digests, namedTokens: named } = read;
  return { tokens: [...new Set([...read.token, ...inFile])], tokenDigests: digests, namedTokens: named };
}

function tokensInFile(file: string): readonly string[] {
  const where = flagOf("tokenFile");
  return readOptions(
    { tokenFile: { ...serverOptions.token } },
    () => contentOf(file, where),
    () => where,
    () => true,
  ).tokenFile;
}

/** Each text is one token. @throws ConfigError that shows nothing of a token */
export function singleTokens(texts: readonly string[], where: string): readonly string[] {
  texts.forEach((text, index) => {
    const problem = formProblem(text);
    if (problem !== undefined)
      throw new ConfigError(`${where}.${index} ${problem}: each element of "tokens" is one token`);
  });
  return texts;
}

/** A secret of the server's own, which is a bearer token, too. */
export interface ServiceSecret {
  /** Where it was asked for. */
  readonly where: string;
  /** `true`, or the name of the secret. */
  readonly asked: string;
  /** The server's secrets by name. */
  readonly secrets: ReadonlyMap<string, string | undefined>;
}

/** The value of that secret as one token: it is never split. @throws ConfigError that shows nothing of it */
export function serviceToken({ where, asked, secrets }: ServiceSecret): string {
  const names = [...secrets.keys()];
  if (asked === "true" && names.length !== 1)
    throw new ConfigError(
      `${where}: the server has ${names.length === 0 ? "no secret" : names.join(" and ")}, expected the name of one of its secrets`,
    );
  const name = asked === "true" ? names[0]! : asked;
  const value = secrets.get(name)?.trim();
  if (!value) throw new ConfigError(`${where}: ${name} is not set, expected the name of one of the server's secrets`);
  const problem = formProblem(value);
  if (problem === undefined) return value;
  throw new ConfigError(
    `${where}: the value of ${name} ${problem}, so it can be no bearer token: name another secret, or leave this out`,
  );
}

/** Whether others than this machine can reach what listens there. */
export const isExposed = (host: string): boolean => host !== "localhost" && !isLoopback(host);

/** Where a gateway listens. */
export interface Listening {
  readonly host: string;
  /** What has set that, for messages. */
  readonly hostFrom: string;
}

/** Two commands that every shell takes. */
const MAKE_AND_USE =
  "to make a token: npx gangway-mcp token new > token.txt; then start again with --token-file token.txt";

/** A gateway that others can reach must ask for a token, unless its callers log in. @throws ConfigError */
export function requireToken(
  { host, hostFrom }: Listening,
  accepted: Accepted,
  { auth }: Pick<ServiceConfig, "auth">,
  where: string,
): void {
  if (asksForLogin(auth) || isClosed(accepted) || !isExposed(host)) return;
  const problem = `${hostFrom}: got ${host}, where others can reach it, without a bearer token`;
  const offer = hostFrom.startsWith("--") ? `\n${MAKE_AND_USE}` : "";
  throw new ConfigError(`${problem}: set ${where}, or listen on 127.0.0.1${offer}`);
}

/** Pages of every origin may call only where a token keeps out what they send. @throws ConfigError */
export function refuseOpenOrigins(
  { allowedOrigins, auth }: Pick<ServiceConfig, "allowedOrigins" | "auth">,
  accepted: Accepted,
  where: string,
): void {
  if (!allowedOrigins.includes("*") || asksForLogin(auth) || isClosed(accepted)) return;
  throw new ConfigError(
    `${where}: got * without a bearer token, so that every web page in a browser on this machine could call: ` +
      "set MCP_BEARER_TOKEN, or name the origins of your pages",
  );
}

/** Placeholders are no tokens anywhere, and what can be guessed is none where others can reach it. @throws ConfigError */
export function refuseWeakTokens(host: string, tokens: readonly string[], where: string): void {
  const problems = tokens.flatMap((token) => {
    const problem = weakness(token, isExposed(host));
    return problem === undefined ? [] : [`${where}: a bearer token ${problem}`];
  });
  if (problems.length === 0) return;
  const reached = isExposed(host) ? `, because others can reach ${host}` : "";
  throw new ConfigError(
    `${[...new Set(problems)].join("\n")}; make one that nobody can guess${reached}: ${MAKE_TOKEN}`,
  );
}

/** What works on this machine, and would not where others can reach it. */
export function weaknessesHere(host: string, tokens: readonly string[]): string[] {
  if (isExposed(host)) return [];
  const problems = tokens.map((token) => weakness(token, true)).filter((problem) => problem !== undefined);
  return Array.from(
    new Set(problems),
    (problem) =>
      `a bearer token ${problem}: enough on this machine alone, and refused elsewhere; make one: ${MAKE_TOKEN}`,
  );
}

/** Flags whose values every user of this machine sees in the list of processes. */
export function shownSecrets(given: ReadonlyMap<string, string>): string[] {
  const flags = secretFlags.filter(({ key }) => given.has(key));
  const variables = [...(given.get("env") ?? "").matchAll(/^\s*(\w*(?:TOKEN|KEY|SECRET|PASSW)\w*)=./gim)];
  return [
    ...flags.map(({ key, instead }) => `${flagOf(key)} ${SHOWS}: ${instead}`),
    ...variables.map(([, name]) => `--env ${name}=... ${SHOWS}: set ${name} in the environment, and use --env ${name}`),
  ];
}

const SHOWS = "shows a secret in the list of processes and in the shell's history";

const secretFlags = [
  { key: "token", instead: "set MCP_BEARER_TOKEN or MCP_BEARER_TOKEN_FILE, or use --token-file" },
  { key: "upstreamToken", instead: "set SERVER_TOKEN or SERVER_TOKEN_FILE" },
  { key: "sessionSecret", instead: "set SESSION_SECRET or SESSION_SECRET_FILE" },
  { key: "authSecret", instead: "set AUTH_SECRET or AUTH_SECRET_FILE" },
] as const;

export const isClosed = ({ tokens, tokenDigests, namedTokens }: Accepted): boolean =>
  tokens.length + tokenDigests.length + namedTokens.length > 0;

/** What has no effect, because nobody proves who they are. */
export function allowWithoutLogin(
  { name, allow, auth }: Pick<ServiceConfig, "name" | "allow" | "auth">,
  accepted: Accepted,
): string[] {
  if (allow === undefined || isClosed(accepted) || asksForLogin(auth)) return [];
  return [`${name}: allow has no effect: no token is asked for here, so everybody who calls is taken for the operator`];
}

/** Any kind of auth but bearer alone refuses whoever shows nothing. */
const asksForLogin = (auth: ServiceConfig["auth"]) => auth.some((kind) => kind !== "bearer");
