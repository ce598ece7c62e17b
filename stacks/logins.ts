/** Services whose callers log in: at which authorization server, for which URL, and by which names. */
import type { Resource } from "../auth-server/resources.ts";
import { AUTH_SERVER, gatewayName, keyLabel } from "./catalog/containers.ts";
import type { Service } from "./catalog/entry.ts";
import { hasKeyHost, isLogin } from "./settings/auth.ts";
import type { Settings } from "./settings.ts";
import { digestOf, introspectionSecret, masterTokens } from "./tokens.ts";

/** The file with the services that it knows. */
export const RESOURCES = "resources.json";

/** Where gateways reach it. */
export const authServerUrl = (port: number): string => `http://${AUTH_SERVER}:${port}`;

/** Whether callers of a service log in at our authorization server, and not at an issuer of one's own. */
export const usesAuthServer = (service: Service, settings: Settings): boolean =>
  isLogin(settings.auth(service)) && settings.ownIssuer(service) === undefined;

/** Whether a deployment of these services has an authorization server of ours. */
export const hasAuthServer = (services: readonly Service[], settings: Settings): boolean =>
  services.some((service) => usesAuthServer(service, settings));

/** The labels under the domain of everything that a service, or what it needs, is called by. */
export const hostLabels = (services: readonly Service[], settings: Settings): string[] => [
  ...services.flatMap((service) => {
    const both = hasKeyHost(settings.auth(service));
    return both ? [service.hostname, keyLabel(service.hostname)] : [service.hostname];
  }),
  ...(hasAuthServer(services, settings) ? [AUTH_SERVER] : []),
];

/**
 * Where static tokens are taken, of hosts at which a service with logins is called: its host for tokens and, for the groups that it
 * is in, its name on Docker's network. None where there are no logins: then they are taken at every host.
 * @param keyHost the host for tokens, where callers from outside have one
 */
export function keyHosts(service: Service, settings: Settings, keyHost: string): string[] {
  const kinds = settings.auth(service);
  if (!isLogin(kinds)) return [];
  return [...(hasKeyHost(kinds) ? [keyHost] : []), ...(isMember(service) ? [gatewayName(service.name)] : [])];
}

/** Whether groups call it, with a token of their own. */
export const isMember = ({ groups }: Pick<Service, "groups">): boolean => groups.length > 0;

/** Those of our services that have logins at our authorization server. @param urlOf the URL that we print for a service */
export function resourcesOf(
  services: readonly Service[],
  settings: Settings,
  stack: string,
  urlOf: (service: Service) => string,
): Resource[] {
  const masters = masterTokens(settings, stack);
  const ours = services.filter((service) => usesAuthServer(service, settings));
  return ours.map((service) => ({
    service: service.name,
    urls: [urlOf(service)],
    secretDigests: masters.map((master) => digestOf(introspectionSecret(master, service.name))),
    groups: service.groups.filter((group) => ours.some(({ name }) => name === group)),
    tools: [],
  }));
}
