/** Where the services of a deployment are: behind the proxy of this machine's Docker, or under the domain. */
import { AUTH_SERVER, keyLabel } from "./catalog/containers.ts";
import type { Service } from "./catalog/entry.ts";
import { kindOf } from "./catalog/kinds/registry.ts";
import { deployable } from "./deployable.ts";
import { hasKeyHost, isLogin, kindsIn } from "./settings/auth.ts";
import type { Settings } from "./settings.ts";

/** The deployments that can be checked. */
export const environments = ["local-docker", "production"] as const;

export type Environment = (typeof environments)[number];

/** A service of a deployment. */
export interface Deployed {
  readonly name: string;
  readonly url: string;
  /** `needs`: it is left out, for what `needs` says. */
  readonly state: "up" | "needs";
  readonly needs?: string;
  /** How its callers log in. @default - they do not */
  readonly login?: Login;
}

/** How callers of a service log in. */
export interface Login {
  /** The issuer that its metadata names. */
  readonly issuer: string;
  /** The URL at which it takes tokens, where it does beside logins. */
  readonly keyUrl?: string;
}

/** Its MCP services; one that lacks a secret needs it. @throws Error when DOMAIN is not set for production */
export function deployedServices(
  environment: Environment,
  services: readonly Service[],
  settings: Settings,
): Deployed[] {
  const urlOf = environment === "production" ? underDomain(settings) : here(settings);
  const { services: deployed, left } = deployable(services, settings);
  const known = new Set([...deployed, ...left].map(({ name }) => name));
  return services
    .filter(({ name, server }) => kindOf(server).role !== "app" && known.has(name))
    .map((service) => {
      const missing = left.find(({ name }) => name === service.name)?.missing;
      const login = loginOf(service, settings, environment);
      const found = { name: service.name, url: `${urlOf(service)}/mcp`, ...(login && { login }) };
      return missing ? { ...found, state: "needs", needs: missing.join(" and ") } : { ...found, state: "up" };
    });
}

/** How callers of a service of `npm start` log in: all take tokens at one port, below their names. */
export function loginAtStart(service: Service, settings: Settings): Login | undefined {
  const kinds = settings.auth(service);
  if (!isLogin(kinds)) return undefined;
  const issuer = settings.ownIssuer(service) ?? issuerOf(settings, "local");
  const keyUrl = `http://127.0.0.1:${settings.hubKeyPort}/${service.name}/mcp`;
  return hasKeyHost(kinds) ? { issuer, keyUrl } : { issuer };
}

/** What all services as one are called by the gateway of `npm start` (gateways/hub.ts), and so by those who log in to them. */
export const HUB_SERVICE = "hub";

/** How callers of all services as one log in: where `AUTH` gives all services logins that do not say otherwise. */
export function hubLoginAtStart(services: readonly Service[], settings: Settings): Login | undefined {
  const kinds = kindsIn(settings.value("AUTH") ?? "");
  if (!isLogin(kinds) || services.some(({ name }) => name === HUB_SERVICE)) return undefined;
  const issuer = settings.ownIssuer({}) ?? issuerOf(settings, "local");
  return hasKeyHost(kinds) ? { issuer, keyUrl: `http://127.0.0.1:${settings.hubKeyPort}/mcp` } : { issuer };
}

function loginOf(service: Service, settings: Settings, environment: Environment): Login | undefined {
  const kinds = settings.auth(service);
  if (!isLogin(kinds)) return undefined;
  const issuer = settings.ownIssuer(service) ?? issuerOf(settings, environment === "production" ? "services" : "local");
  if (!hasKeyHost(kinds)) return { issuer };
  const origin =
    environment === "production"
      ? underDomain(settings)({ hostname: keyLabel(service.hostname) })
      : `http://127.0.0.1:${settings.keyPort(service)}`;
  return { issuer, keyUrl: `${origin}/mcp` };
}

/** The URL of a service as we print it. @param stack "local", or "services" under the domain */
export function publicUrl(settings: Settings, stack: string): (service: Service) => string {
  const originOf = stack === "local" ? here(settings) : underDomain(settings);
  return (service) => `${originOf(service)}/mcp`;
}

/** The URL of our authorization server, which its tokens name. */
export function issuerOf(settings: Settings, stack: string): string {
  return stack === "local" ? `http://127.0.0.1:${settings.authPort}` : underDomain(settings)({ hostname: AUTH_SERVER });
}

const here = (settings: Settings) => (service: Service) => `http://127.0.0.1:${settings.port(service)}`;

function underDomain(settings: Settings): (service: Pick<Service, "hostname">) => string {
  const domain = settings.value("DOMAIN");
  if (domain === undefined)
    throw new Error("DOMAIN is not set (environment or .env), so nothing is deployed under a domain");
  return ({ hostname }) => `https://${hostname}.${domain}`;
}
