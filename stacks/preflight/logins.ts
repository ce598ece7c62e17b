/** Checks what the settings say about logins, before anything is deployed. */
import { takenNames } from "../catalog/check-logins.ts";
import { isPublic } from "../catalog/containers.ts";
import type { Service } from "../catalog/entry.ts";
import { gatewayExpects, passedOptions } from "../catalog/gateway-options.ts";
import { usesAuthServer } from "../logins.ts";
import { hasKeyHost, kindsIn } from "../settings/auth.ts";
import { isPackage } from "../shipped.ts";
import type { Settings } from "../settings.ts";
import { AUTH_STATE_PASSWORD, AUTH_STATE_URL, UPSTREAM_SECRET, upstreamVariables } from "../settings/variables.ts";

/** Options of gateways that the settings may say for all. */
const forAll = ["auth", "authIssuer", "authAudience", "authClaim"] as const;

/** Settings that containers could not start with, and names that are taken by what logins need. */
export function loginProblems(services: readonly Service[], settings: Settings): string[] {
  const wrong = forAll.flatMap((option) => wrongValue(option, settings));
  if (wrong.length > 0) return wrong;
  return [
    ...ofEntries(settings),
    ...unused(settings),
    ...upstreamProblems(services, settings),
    ...stateProblems(settings),
    ...takenNames(services.map(named(settings))),
  ];
}

function wrongValue(option: (typeof forAll)[number], settings: Settings): string[] {
  const { env } = passedOptions[option]!;
  const written = settings.value(env);
  const expected =
    written === undefined ? undefined : gatewayExpects(option, option === "authAudience" ? [written] : written);
  return expected === undefined ? [] : [`${settings.named(env)} is "${written}", expected ${expected}`];
}

/** Which API checks a token is a matter of one service. */
const ofEntries = (settings: Settings): string[] =>
  kindsIn(settings.value("AUTH") ?? "").includes("verify")
    ? [`${settings.named("AUTH")} has "verify", expected it in entries: each of them says which API checks its tokens`]
    : [];

/** What concerns an issuer of one's own alone. */
const unused = (settings: Settings): string[] =>
  settings.value("AUTH_ISSUER") !== undefined
    ? []
    : ["AUTH_AUDIENCE", "AUTH_CLAIM"]
        .filter((name) => settings.value(name) !== undefined)
        .map(
          (name) =>
            `${settings.named(name)} is set, expected AUTH_ISSUER with it: it is about the tokens of an issuer of your own`,
        );

/** A login with another provider needs all of it; without a list of who may, everybody with an account there could log in. */
function upstreamProblems(services: readonly Service[], settings: Settings): string[] {
  const all = [...upstreamVariables, UPSTREAM_SECRET];
  const missing = all.filter((name) => settings.value(name) === undefined);
  if (missing.length === 0 || missing.length === all.length) return [];
  if (!services.some((service) => usesAuthServer(service, settings))) return [];
  const set = all.find((name) => settings.value(name) !== undefined)!;
  return [
    `${settings.named(set)} is set, expected ${missing.join(", ")} with it: a login with another provider needs them all`,
  ];
}

/** Nothing of the URL is repeated: there may be a password in it. */
function stateProblems(settings: Settings): string[] {
  const [url, password] = [settings.value(AUTH_STATE_URL), settings.value(AUTH_STATE_PASSWORD)];
  const [named, secret] = [settings.named(AUTH_STATE_URL), settings.named(AUTH_STATE_PASSWORD)];
  if (url === undefined)
    return password === undefined
      ? []
      : [`${secret} is set, expected ${AUTH_STATE_URL} with it: it is the password of that Redis`];
  if (isPackage)
    return [
      `${named} is set, expected a clone of the project: the package of the authorization server has no library for Redis`,
    ];
  if (/:[^/@]*@/.test(url.replace(/^[^/]*\/\//, "")))
    return [
      `${named} has a password in it, which \`docker inspect\` would show, expected it in ${AUTH_STATE_PASSWORD}: that becomes a file`,
    ];
  if (/^rediss?(\+sentinel)?:\/\/[^/?#]+(\/[^?#]*)?$/i.test(url)) return [];
  return [`${named} is not the URL of a Redis, expected redis://host:6379, or rediss:// with TLS`];
}

const named = (settings: Settings) => (service: Service) => ({
  name: service.name,
  hostname: isPublic(service) ? service.hostname : undefined,
  logins: usesAuthServer(service, settings),
  keyHost: hasKeyHost(settings.auth(service)),
});
