/** Which hosts the proxy has, and which gateways are behind each. */
import { AUTH_SERVER, keyLabel } from "../../stacks/catalog/containers.ts";
import type { Service } from "../../stacks/catalog/entry.ts";
import { readCatalog } from "../../stacks/catalog/read.ts";
import { pickNames, pickServices } from "../../stacks/catalog/pick.ts";
import { isAskedFor } from "../../stacks/deployable.ts";
import { hasAuthServer, usesAuthServer } from "../../stacks/logins.ts";
import { hasKeyHost } from "../../stacks/settings/auth.ts";
import { readSettings, type Settings } from "../../stacks/settings.ts";
import { WrongUse } from "../kit/arguments.ts";
import { type Given, hostOf, listOf } from "./given.ts";
import type { Site } from "./settings.ts";

const THIS_MACHINE = "127.0.0.1";

/** Where a gateway is. The service is not named where all have one. */
interface Upstream {
  readonly service: string | undefined;
  readonly server: string;
}

/**
 * With a domain a site for each service, without one a single site for all.
 * @param gateway where the gateways are, if not at --upstream @default - on this machine
 * @param names of services @default - all that speak MCP, but for optional ones without their secrets
 * @throws WrongUse, UnknownName
 */
export async function sitesOf(
  { domain, upstream, "basic-auth": basicAuth }: Given,
  names: readonly string[],
  gateway = THIS_MACHINE,
): Promise<readonly Site[]> {
  const services = await mcpServices(names);
  const settings = readSettings(services);
  const upstreams = listOf(upstream).map(readUpstream);
  const wanted = names.length > 0 ? services : services.filter((service) => isAskedFor(service, settings));
  if (domain === undefined) {
    refuseLogins(
      wanted,
      settings,
      `log in at a host of its own, ${AUTH_SERVER}.<domain>: say which domain, with --domain`,
    );
    return [sharedSite(names, upstreams, settings, gateway)];
  }
  if (basicAuth !== undefined)
    refuseLogins(wanted, settings, "send their tokens as Authorization, like a password: leave out --basic-auth");
  return sitesUnder(hostOf("--domain", domain), wanted, upstreams, settings, gateway);
}

/** A host for each service, one more for the tokens of those that have logins, too, and one for the authorization server. */
export function sitesUnder(
  domain: string,
  services: readonly Service[],
  upstreams: readonly Upstream[],
  settings: Settings,
  gateway = THIS_MACHINE,
): readonly Site[] {
  const hasLogins = hasAuthServer(services, settings);
  checkNames([...services.map(({ name }) => name), ...(hasLogins ? [AUTH_SERVER] : [])], upstreams);
  const at = (name: string, port: number) => serversOf(name, upstreams) ?? [`${gateway}:${port}`];
  const sites = services.flatMap((service) => sitesOfService(service, domain, at, settings));
  const auth = { name: AUTH_SERVER, host: `${AUTH_SERVER}.${domain}`, servers: at(AUTH_SERVER, settings.authPort) };
  return hasLogins ? [...sites, { ...auth, is: "authorization server" }] : sites;
}

/** The named services of the catalog, or all that speak MCP. @throws UnknownName */
export async function mcpServices(names: readonly string[]): Promise<readonly Service[]> {
  const catalog = Object.entries(await readCatalog()).filter(([, { server }]) => server.kind !== "app");
  return pickServices(Object.fromEntries(catalog), names);
}

/** All services under one address. @throws WrongUse */
export function sharedSite(
  names: readonly string[],
  upstreams: readonly Upstream[],
  { hubPort }: Settings,
  gateway: string,
): Site {
  if (names.length > 0) throw new WrongUse("without --domain all services have one address: name none");
  const named = upstreams.find(({ service }) => service !== undefined);
  if (named)
    throw new WrongUse(`--upstream names ${named.service}: that goes with --domain, where each service has a host`);
  const servers = upstreams.map(({ server }) => server);
  return { name: "services", servers: servers.length > 0 ? servers : [`${gateway}:${hubPort}`] };
}

/** @param why what their callers do @throws WrongUse where callers log in */
function refuseLogins(services: readonly Service[], settings: Settings, why: string): void {
  const names = services.filter((service) => usesAuthServer(service, settings)).map(({ name }) => name);
  if (names.length === 0) return;
  throw new WrongUse(`callers of ${names.join(", ")} ${why}`);
}

/** A gateway takes tokens at the second host: it listens at one port for both. */
function sitesOfService(
  service: Service,
  domain: string,
  at: (name: string, port: number) => readonly string[],
  settings: Settings,
): readonly Site[] {
  const { name, hostname } = service;
  const servers = at(name, settings.port(service));
  const key = keyLabel(hostname);
  const hasKey = hasKeyHost(settings.auth(service));
  return [
    { name, host: `${hostname}.${domain}`, servers },
    ...(hasKey ? [{ name: `${name}-key`, host: `${key}.${domain}`, servers, is: "for tokens" } as const] : []),
  ];
}

/** What --upstream says of one. */
function serversOf(name: string, upstreams: readonly Upstream[]): readonly string[] | undefined {
  const own = upstreams.filter(({ service }) => service === name).map(({ server }) => server);
  return own.length > 0 ? own : undefined;
}

function checkNames(known: readonly string[], upstreams: readonly Upstream[]): void {
  const unnamed = upstreams.find(({ service }) => service === undefined);
  if (unnamed) throw new WrongUse(`--upstream has ${unnamed.server}: with --domain it is <service>=${unnamed.server}`);
  const asked = upstreams.flatMap(({ service }) => service ?? []);
  pickNames(known, asked);
}

function readUpstream(text: string): Upstream {
  const [, service, server] = /^(?:([\w-]+)=)?([A-Za-z0-9.-]+:\d{1,5})$/.exec(text) ?? [];
  if (server !== undefined) return { service, server };
  throw new WrongUse(`--upstream has ${JSON.stringify(text)}, expected <host>:<port> or <service>=<host>:<port>`);
}
