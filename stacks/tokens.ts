/** Bearer tokens: masters, which open every service, a token of each service that follows from them, and digests of both. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formProblem, TOKEN_LENGTH, tokens, weakness } from "../gateways/config/tokens.ts";
import type { Service } from "./catalog/entry.ts";
import { kindOf } from "./catalog/kinds/registry.ts";
import { place } from "./project.ts";
import { isLogin } from "./settings/auth.ts";
import { type Settings, SettingsError } from "./settings.ts";

/** Where the tokens of this machine's own stack are kept, one a line, when none was set. Git ignores it. */
export const TOKEN_FILE = join(place.gangway, "token");

/** Makes a token that nobody can guess. @returns 64 hexadecimal digits */
export const newToken = (): string => randomBytes(32).toString("hex");

/** The tokens that open every service of a stack, the newest first. Stack `local` makes one of its own when none is set. */
export function masterTokens(settings: Settings, stack: string): readonly string[] {
  const set = settings.bearerTokens;
  return set.length > 0 || stack !== "local" ? set : localTokens();
}

/** The tokens of stack `local` when none is set: the first one is made once, for this machine's user alone. */
export function localTokens(file: string = TOKEN_FILE): readonly string[] {
  const kept = keptTokens(file);
  if (kept.length > 0) return kept;
  const token = newToken();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${token}\n`, { mode: 0o600, flag: "wx" });
  return [token];
}

/** The tokens in the file of this machine; none when there is no file. */
export function keptTokens(file: string = TOKEN_FILE): readonly string[] {
  try {
    return tokens(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * The token of one service: it opens that one and no other, and nobody finds out the master from it. The version is part of
 * what is derived, so that another way of deriving can come beside this one.
 * @returns `gw_<service>_` and 43 characters of base64url
 */
export function serviceToken(master: string, service: string): string {
  const derived = createHmac("sha256", master).update(`gangway bearer token v1\0${service}`).digest("base64url");
  return `gw_${service}_${derived}`;
}

/**
 * What a service's gateway shows our authorization server when it asks about a token: it is told of tokens for this service alone.
 * @returns 43 characters of base64url
 */
export const introspectionSecret = (master: string, service: string): string =>
  createHmac("sha256", master).update(`gangway introspection v1\0${service}`).digest("base64url");

/**
 * Digests of all tokens that open a service: each master, the service's token that follows from it, those of the groups that it
 * is in and, where its entry says so, its own secret as a whole. None where there is no master: then no token is asked for.
 * Where callers log in and show no tokens, only those of its groups are left.
 * @returns 64 hexadecimal digits each
 */
export function tokenDigests(service: Service, settings: Settings, masters: readonly string[]): string[] {
  const kinds = settings.auth(service);
  if (isLogin(kinds) && !kinds.includes("bearer"))
    return masters.flatMap((master) => service.groups.map((name) => digestOf(serviceToken(master, name))));
  const own = masters.length === 0 ? undefined : acceptedSecret(service, settings)?.value;
  const names = [service.name, ...service.groups];
  const all = masters.flatMap((master) => [master, ...names.map((name) => serviceToken(master, name))]);
  return [...all, ...(own === undefined ? [] : [own])].map(digestOf);
}

/** SHA-256 in hexadecimal. */
export const digestOf = (token: string) => createHash("sha256").update(token).digest("hex");

/** The service's own secret that is a token for it, too; undefined = none is, or it is not set. */
function acceptedSecret(service: Service, settings: Settings): { name: string; value: string } | undefined {
  const { acceptServiceToken: accepted, secrets, optionalSecrets } = service;
  if (accepted === undefined || accepted === false) return undefined;
  const name = accepted === true ? [...secrets, ...optionalSecrets][0] : accepted;
  const value = name === undefined ? undefined : settings.value(name);
  return name === undefined || value === undefined ? undefined : { name, value };
}

/**
 * Every token that gateways would not accept, and what to do about it. No message repeats a token.
 * @param exposed whether others than this machine can reach the services
 */
export function tokenProblems(services: readonly Service[], settings: Settings, exposed: boolean): string[] {
  const masters = settings.bearerTokens.flatMap((token) => weakness(token, exposed) ?? []);
  return [
    ...Array.from(new Set(masters), (problem) => `${settings.named("MCP_BEARER_TOKEN")}: a token ${problem}, ${MAKE}`),
    ...services.flatMap((service) => {
      const own = acceptedSecret(service, settings);
      const problem = own && (formProblem(own.value) ?? weakness(own.value, exposed));
      return problem
        ? [
            `${service.name}: acceptServiceToken: the value of ${settings.named(own?.name ?? "")} ${problem}: ${LEAVE_OUT}`,
          ]
        : [];
    }),
  ];
}

const MAKE = "make one with `npx gangway token new`";
const LEAVE_OUT = "it can be no bearer token, so leave acceptServiceToken out of the entry";

/**
 * The same where the services listen on loopback alone.
 * @returns what works here, and would not under a domain
 * @throws SettingsError
 */
export function checkTokensHere(services: readonly Service[], settings: Settings): string[] {
  const problems = tokenProblems(services, settings, false);
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  if (settings.bearerTokens.every((token) => weakness(token, true) === undefined)) return [];
  return [
    `${settings.named("MCP_BEARER_TOKEN")} is enough on this machine alone: under a domain it needs ${TOKEN_LENGTH} characters that nobody can guess (npx gangway token new)`,
  ];
}

/** Whether a service has a gateway of ours, which asks for a token. */
export const asksForToken = ({ server }: Service): boolean => kindOf(server).role !== "app";
