/** Which hosts the proxy has, and which gateways are behind each. */
import type { Service } from "../../stacks/catalog/entry.ts";
import { readCatalog } from "../../stacks/catalog/read.ts";
import { pickNames, pickServices } from "../../stacks/catalog/pick.ts";
import { isAskedFor } from "../../stacks/deployable.ts";
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
  { domain, upstream }: Given,
  names: readonly string[],
  gateway = THIS_MACHINE,
): Promise<readonly Site[]> {
  const services = await mcpServices(names);
  const settings = readSettings(services);
  const upstreams = listOf(upstream).map(readUpstream);
  if (domain === undefined) return [sharedSite(names, upstreams, settings, gateway)];
  checkNames(services, upstreams);
  const under = hostOf("--domain", domain);
  const wanted = names.length > 0 ? services : services.filter((service) => isAskedFor(service, settings));
  return wanted.map((service) => siteOf(service, under, upstreams, settings, gateway));
}

/** The named services of the catalog, or all that speak MCP. @throws UnknownName */
export async function mcpServices(names: readonly string[]): Promise<readonly Service[]> {
  const catalog = Object.entries(await readCatalog()).filter(([, { server }]) => server.kind !== "app");
  return pickServices(Object.fromEntries(catalog), names);
}

function sharedSite(
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

function siteOf(
  service: Service,
  domain: string,
  upstreams: readonly Upstream[],
  settings: Settings,
  gateway: string,
): Site {
  const own = upstreams.filter(({ service: name }) => name === service.name).map(({ server }) => server);
  const servers = own.length > 0 ? own : [`${gateway}:${settings.port(service)}`];
  return { name: service.name, host: `${service.hostname}.${domain}`, servers };
}

function checkNames(services: readonly Service[], upstreams: readonly Upstream[]): void {
  const unnamed = upstreams.find(({ service }) => service === undefined);
  if (unnamed) throw new WrongUse(`--upstream has ${unnamed.server}: with --domain it is <service>=${unnamed.server}`);
  const asked = upstreams.flatMap(({ service }) => service ?? []);
  pickNames(
    services.map(({ name }) => name),
    asked,
  );
}

function readUpstream(text: string): Upstream {
  const [, service, server] = /^(?:([\w-]+)=)?([A-Za-z0-9.-]+:\d{1,5})$/.exec(text) ?? [];
  if (server !== undefined) return { service, server };
  throw new WrongUse(`--upstream has ${JSON.stringify(text)}, expected <host>:<port> or <service>=<host>:<port>`);
}
