/** Which services are deployed: those that are picked, with the secrets that are set. */
import { pickNames } from "./catalog/pick.ts";
import type { Service } from "./catalog/entry.ts";
import { type Settings, SettingsError } from "./settings.ts";

/** The services of a deployment, and those that it leaves out. */
export interface Deployable {
  readonly services: readonly Service[];
  /** Left out although something asks for it: with the secrets, and the services that it reaches, that are missing. */
  readonly left: readonly { readonly name: string; readonly missing: readonly string[] }[];
}

/** Whether something asks for a service: an `optional` one is asked for by SERVICES, or the first of its secrets that is set. */
export const isAskedFor = ({ name, optional, secrets }: Service, settings: Settings): boolean =>
  !optional || settings.services.includes(name) || secrets.some((secret) => settings.value(secret) !== undefined);

/**
 * Those that `SERVICES=memory,everything` picks, with the apps that they reach; without it, all.
 * @throws SettingsError for a name that is not in the catalog, with the nearest one
 */
export function pickedServices(services: readonly Service[], settings: Settings): readonly Service[] {
  if (settings.services.length === 0) return services;
  try {
    const names = pickNames(
      services.map(({ name }) => name),
      settings.services,
    );
    const picked = withReached(
      services.filter(({ name }) => names.includes(name)),
      services,
    );
    return services.filter((service) => picked.includes(service));
  } catch (error) {
    throw new SettingsError(`${settings.named("SERVICES")}: ${(error as Error).message}`);
  }
}

/**
 * Of the services that are picked, every one that lacks a secret is left out, here and under a domain.
 * @throws SettingsError when SERVICES names one that is not there
 */
export function deployable(all: readonly Service[], settings: Settings): Deployable {
  const services = pickedServices(all, settings);
  return without(missingFor(services, settings), services, settings);
}

type Missing = ReadonlyMap<string, readonly string[]>;

/** What each of them lacks: its secrets, and services that lack something themselves. */
function missingFor(services: readonly Service[], settings: Settings): Missing {
  const missing = new Map<string, readonly string[]>();
  // Whoever reaches one that is left out is left out too, and so on: at most once for each service.
  for (let round = 0; round < services.length; round++)
    for (const { name, secrets, reaches } of services) {
      const unset = secrets.filter((secret) => settings.value(secret) === undefined);
      const lacking = [...unset, ...reaches.filter((other) => missing.has(other))];
      if (lacking.length > 0) missing.set(name, lacking);
    }
  return missing;
}

function without(missing: Missing, services: readonly Service[], settings: Settings): Deployable {
  return {
    services: services.filter(({ name }) => !missing.has(name)),
    left: services.flatMap((service) => {
      const lacking = missing.get(service.name);
      return lacking !== undefined && isAskedFor(service, settings) ? [{ name: service.name, missing: lacking }] : [];
    }),
  };
}

/** These services, and all that they reach. */
function withReached(some: readonly Service[], services: readonly Service[]): readonly Service[] {
  const reached = new Set(some.flatMap(({ reaches }) => reaches));
  const more = services.filter((service) => reached.has(service.name) && !some.includes(service));
  return more.length === 0 ? some : withReached([...some, ...more], services);
}
