/** Which services can be deployed with the secrets that are set. */
import type { Service } from "./catalog/entry.ts";
import type { Settings } from "./settings.ts";

/** The services of a deployment, and those that it leaves out. */
export interface Deployable {
  readonly services: readonly Service[];
  /** Left out although something asks for it: with the secrets, and the services that it reaches, that are missing. */
  readonly left: readonly { readonly name: string; readonly missing: readonly string[] }[];
}

/** Whether something asks for a service: an `optional` one is asked for by the first of its secrets that is set. */
export const isAskedFor = ({ optional, secrets }: Service, settings: Settings): boolean =>
  !optional || secrets.some((name) => settings.value(name) !== undefined);

/** On this machine every service that lacks a secret is left out. */
export const deployableHere = (services: readonly Service[], settings: Settings): Deployable =>
  without(missingFor(services, services, settings), services, settings);

/** Under a domain only optional services are left out, and of these none that another one needs. */
export function deployableUnderDomain(services: readonly Service[], settings: Settings): Deployable {
  const needed = withReached(
    services.filter(({ optional }) => !optional),
    services,
  );
  const others = services.filter((service) => !needed.includes(service));
  return without(missingFor(others, services, settings), services, settings);
}

type Missing = ReadonlyMap<string, readonly string[]>;

/** What each of the candidates lacks: its secrets, and services that lack something themselves. */
function missingFor(candidates: readonly Service[], services: readonly Service[], settings: Settings): Missing {
  const missing = new Map<string, readonly string[]>();
  // Whoever reaches one that is left out is left out too, and so on: at most once for each service.
  for (let round = 0; round < services.length; round++)
    for (const { name, secrets, reaches } of candidates) {
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
