/** What the environment of containers says about logins. */
import { gatewayOptions, serviceOptions } from "../gateways/config.ts";
import { gatewayName } from "./catalog/containers.ts";
import type { Service } from "./catalog/entry.ts";
import { RESOURCES_FILE } from "./constructs/auth-server.ts";
import { SECRETS } from "./constructs/secret-volume.ts";
import { PROXY, DRAIN_DELAY } from "./gateway-environment.ts";
import { STATE } from "./images/server-image.ts";
import { authServerUrl, isMember, keyHosts, usesAuthServer } from "./logins.ts";
import { AUTH_PORT, hasKeyHost, isLogin } from "./settings/auth.ts";
import type { Settings } from "./settings.ts";
import { AUTH_STATE_PASSWORD, AUTH_STATE_URL, loginVariables, UPSTREAM_SECRET } from "./settings/variables.ts";

/** What a service is called. */
export interface Names {
  /** Its host in the proxy, and the one for tokens beside logins. */
  readonly host: string;
  readonly keyHost: string;
  /** Its URL as we print it. */
  readonly url: string;
  /** The URL of our authorization server. */
  readonly issuer: string;
}

/** Further variables of a service's gateway, which go before those that its entry decides; none where nobody logs in. */
export function loginEnvironment(service: Service, settings: Settings, names: Names): Record<string, string> {
  const kinds = settings.auth(service);
  const own = service.auth === undefined && settings.value("AUTH") !== undefined;
  if (!isLogin(kinds)) return own ? { [serviceOptions.auth.env]: kinds.join(",") } : {};
  const hosts = keyHosts(service, settings, names.keyHost);
  return {
    [serviceOptions.auth.env]: withGroups(service, kinds).join(","),
    [serviceOptions.publicUrl.env]: names.url,
    [gatewayOptions.allowedHosts.env]: [
      names.host,
      ...(hasKeyHost(kinds) ? [names.keyHost] : []),
      gatewayName(service.name),
    ].join(","),
    ...(hosts.length > 0 && { [gatewayOptions.keyHosts.env]: hosts.join(",") }),
    ...(usesAuthServer(service, settings) ? ofOurs(names) : ofOwn(service, settings)),
  };
}

/** Groups call with a token of their own, whatever callers from outside do. */
const withGroups = (service: Service, kinds: readonly string[]): readonly string[] =>
  isMember(service) && !kinds.includes("bearer") ? [...kinds, "bearer"] : kinds;

const ofOurs = ({ issuer }: Names): Record<string, string> => ({
  [serviceOptions.authIssuer.env]: issuer,
  [serviceOptions.authServer.env]: authServerUrl(AUTH_PORT),
});

/** Settings of an issuer of one's own, which an entry may also have. */
function ofOwn(service: Service, settings: Settings): Record<string, string> {
  const own = ["authIssuer", "authAudience", "authClaim"] as const;
  const values = own.map((key) => [
    serviceOptions[key].env,
    valueOf(service[key]) ?? settings.value(serviceOptions[key].env),
  ]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Record<string, string>;
}

const valueOf = (value: string | readonly string[] | undefined) =>
  typeof value === "object" ? value.join(",") : value;

/** The names of the secrets of the authorization server, which are files in its container. */
export const authServerSecrets = (settings: Settings): string[] =>
  [UPSTREAM_SECRET, AUTH_STATE_PASSWORD].filter((name) => settings.value(name) !== undefined);

/** The environment of the authorization server. @param issuer its URL, which is in every token */
export function authServerEnvironment(issuer: string, settings: Settings): Record<string, string> {
  const given = ["LOG_LEVEL", ...loginVariables].map((name) => [name, settings.value(name)] as const);
  return {
    ISSUER: issuer,
    HOST: "0.0.0.0",
    PORT: String(AUTH_PORT),
    DATA_DIR: STATE,
    RESOURCES_FILE,
    TRUSTED_PROXIES: PROXY,
    DRAIN_DELAY,
    ...Object.fromEntries(given.filter((pair): pair is readonly [string, string] => pair[1] !== undefined)),
    ...(settings.value(AUTH_STATE_URL) !== undefined && { STATE_URL: settings.value(AUTH_STATE_URL) }),
    ...Object.fromEntries(authServerSecrets(settings).map((name) => [SECRET_FILES[name], `${SECRETS}/${name}`])),
  };
}

/** The variable of the authorization server that names the file of each secret. */
const SECRET_FILES: Readonly<Record<string, string>> = {
  [UPSTREAM_SECRET]: "UPSTREAM_CLIENT_SECRET_FILE",
  [AUTH_STATE_PASSWORD]: "STATE_PASSWORD_FILE",
};
