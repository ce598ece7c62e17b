/** What a service's container is given in secret, and what changes when one of these values does. */
import { createHash, createHmac, scryptSync } from "node:crypto";
import { serverOptions, serviceOptions } from "../gateways/config.ts";
import { membersOf } from "./catalog/containers.ts";
import type { Service } from "./catalog/entry.ts";
import { usesAuthServer } from "./logins.ts";
import { isLogin } from "./settings/auth.ts";
import type { Settings } from "./settings.ts";
import { linesOf } from "./token-list.ts";
import { asksForToken, introspectionSecret, masterTokens, namedTokens, serviceToken, tokenDigests } from "./tokens.ts";

/**
 * The variable, and the file, with the digests of the tokens that open a service. The tokens themselves are in no container,
 * except that of a group.
 */
export const TOKEN_DIGESTS = "MCP_TOKEN_DIGESTS";

/** The variable, and the file, with the digests of those that have a name, and what each opens. */
export const NAMED_TOKENS = serverOptions.namedTokens.env;

/** The variable, and the file, with the token that a group calls its members with. */
const GROUP_TOKEN = serverOptions.upstreamToken.env;

/** The variable, and the file, with the secret by which our authorization server knows a service's gateway. */
export const AUTH_SECRET = serviceOptions.authSecret.env;

/** Secrets that the gateway itself reads, and that its server is not given. */
export const ofGateway: ReadonlySet<string> = new Set([TOKEN_DIGESTS, NAMED_TOKENS, AUTH_SECRET]);

/** The secrets of one service as its container gets them: name to value. */
export function secretsOf(service: Service, settings: Settings, stack: string): ReadonlyMap<string, string> {
  const own = [...service.secrets, ...service.optionalSecrets].flatMap((name) => {
    const value = settings.value(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (!asksForToken(service)) return new Map(own);
  const masters = masterTokens(settings, stack);
  const digests = tokenDigests(service, settings, masters);
  const named = namedTokens(service, settings, masters);
  return new Map([
    // A gateway takes no empty list: where callers log in, there may be none.
    ...(digests.length === 0 && isLogin(settings.auth(service)) ? [] : [[TOKEN_DIGESTS, digests.join("\n")] as const]),
    ...(named.length === 0 ? [] : [[NAMED_TOKENS, linesOf(named)] as const]),
    ...authSecret(service, settings, masters),
    ...groupToken(service, masters),
    ...own,
  ]);
}

function authSecret(service: Service, settings: Settings, [newest]: readonly string[]): [string, string][] {
  if (newest === undefined || !usesAuthServer(service, settings)) return [];
  return [[AUTH_SECRET, introspectionSecret(newest, service.name)]];
}

/** A group's own token opens its members, and nothing else: so no container has a master. */
function groupToken(service: Service, [newest]: readonly string[]): [string, string][] {
  if (newest === undefined || membersOf(service).length === 0) return [];
  return [[GROUP_TOKEN, serviceToken(newest, service.name)]];
}

/**
 * A name for what a service's container is given in secret: another one when a value changes.
 *
 * It is in Terraform's state, where a guess can be checked offline. What a gateway is given is therefore keyed with the newest
 * master, which is in no state and which nobody can guess: so not even the weakest password of a service can be tried out. A
 * master that changes gives every gateway new digests anyway. The key is derived slowly, because a master on one's own machine
 * may be short. Where there is no master, and for apps, which outlive it, each value is hashed slowly (`versionOf`).
 * @returns 24 hex digits
 */
export function secretsVersion(
  service: Service,
  secrets: ReadonlyMap<string, string>,
  [master]: readonly string[],
): string {
  if (master === undefined || !asksForToken(service)) return versionOf(secrets);
  const given = JSON.stringify(["gangway secrets v1", service.name, ...secrets]);
  return createHmac("sha256", slowHash(master)).update(given).digest("hex").slice(0, 24);
}

/** A name for these values from which they cannot be guessed, unless they are short. @returns 24 hex digits */
export function versionOf(secrets: ReadonlyMap<string, string>): string {
  const parts = [...secrets].map(([name, value]) => `${name} ${slowHash(value)}`);
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 24);
}

/** Takes some 30 ms on purpose, once for each value. */
function slowHash(value: string): string {
  const known = hashes.get(value);
  if (known !== undefined) return known;
  const hash = scryptSync(value, "gangway", 16, { N: 2 ** 14 }).toString("hex");
  hashes.set(value, hash);
  return hash;
}

const hashes = new Map<string, string>();
