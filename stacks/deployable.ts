/** Which services are deployed: those that are picked, with the secrets that are set. */
import { membersOf } from "./catalog/containers.ts";
import { group } from "./catalog/kinds/group.ts";
import { pickNames } from "./catalog/pick.ts";
import type { Service } from "./catalog/entry.ts";
import { type Settings, SettingsError } from "./settings.ts";

/** A service that is left out, with the secrets, and the services that it reaches, that are missing. */
export interface Left {
  readonly name: string;
  readonly missing: readonly string[];
}

/** The services of a deployment, and those that it leaves out. */
export interface Deployable {
  /** A group has those members alone that are among them. */
  readonly services: readonly Service[];
  /** Left out although something asks for it. */
  readonly left: readonly Left[];
  /** Members that groups do without. */
  readonly absent: readonly (Left & { readonly group: string })[];
}

/** Whether something asks for a service: an `optional` one is asked for by SERVICES, or the first of its secrets that is set. */
export const isAskedFor = ({ name, optional, secrets }: Service, settings: Settings): boolean =>
  !optional || settings.services.includes(name) || secrets.some((secret) => settings.value(secret) !== undefined);

/**
 * Those that `SERVICES=memory,everything` picks, with the apps that they reach and the members of groups; without it, all.
 * @throws SettingsError for a name that is not in the catalog, with the nearest one
 */
export function pickedServices(services: readonly Service[], settings: Settings): readonly Service[] {
  if (settings.services.length === 0) return services;
  try {
    const names = pickNames(
      services.map(({ name }) => name),
      settings.services,
    );
    const picked = withNeeded(
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

/** What each of them lacks: its secrets, and services that lack something themselves. One member is enough for a group. */
function missingFor(services: readonly Service[], settings: Settings): Missing {
  const missing = new Map<string, readonly string[]>();
  // Whoever reaches one that is left out is left out too, and so on, until a round leaves out no more.
  let before: number;
  do {
    before = missing.size;
    for (const service of services) {
      const lacking = [
        ...unsetSecrets(service, settings),
        ...service.reaches.filter((other) => missing.has(other)),
        ...noMember(service, (other) => !missing.has(other)),
      ];
      if (lacking.length > 0) missing.set(service.name, lacking);
    }
  } while (missing.size > before);
  return missing;
}

function without(missing: Missing, services: readonly Service[], settings: Settings): Deployable {
  const deployed = services.filter(({ name }) => !missing.has(name));
  return {
    services: deployed.map((service) => amongThese(service, deployed)),
    absent: deployed.flatMap((service) => absentFrom(service, deployed, (member) => missing.get(member) ?? [])),
    left: services.flatMap((service) => {
      const lacking = missing.get(service.name);
      return lacking !== undefined && isAskedFor(service, settings) ? [{ name: service.name, missing: lacking }] : [];
    }),
  };
}

/** These services, and all that they reach or are made of. */
function withNeeded(some: readonly Service[], services: readonly Service[]): readonly Service[] {
  const needed = new Set(some.flatMap((service) => [...service.reaches, ...membersOf(service)]));
  const more = services.filter((service) => needed.has(service.name) && !some.includes(service));
  return more.length === 0 ? some : withNeeded([...some, ...more], services);
}

/** These services, and the members of the groups among them, in the catalog's order. */
export function withMembers(some: readonly Service[], services: readonly Service[]): readonly Service[] {
  const members = new Set(some.flatMap(membersOf));
  return services.filter((service) => some.includes(service) || members.has(service.name));
}

/**
 * Those that something asks for. A group has no more members than are among them, and is left out when none is.
 * @param services with all members of the groups among them
 */
export function askedFor(services: readonly Service[], settings: Settings): Deployable {
  const asked = services.filter((service) => isAskedFor(service, settings));
  const isThere = (name: string) => asked.some((service) => service.name === name);
  const unset = (name: string) =>
    unsetSecrets(
      services.find((service) => service.name === name)!,
      settings,
    );
  const left = asked.map((service) => ({ name: service.name, missing: noMember(service, isThere) }));
  const isEmpty = ({ name }: Service) => left.some((other) => other.name === name && other.missing.length > 0);
  const kept = asked.filter((service) => !isEmpty(service));
  return {
    services: kept.map((service) => amongThese(service, kept)),
    left: left.filter(({ missing }) => missing.length > 0),
    absent: kept.flatMap((service) => absentFrom(service, kept, unset)),
  };
}

const unsetSecrets = ({ secrets }: Service, settings: Settings) =>
  secrets.filter((secret) => settings.value(secret) === undefined);

/** What a group lacks of which no member is there; nothing otherwise. */
function noMember(service: Service, isThere: (name: string) => boolean): string[] {
  const members = membersOf(service);
  return members.length === 0 || members.some(isThere) ? [] : [members.join(" or ")];
}

const isAmong = (services: readonly Service[]) => (member: string) => services.some(({ name }) => name === member);

/** A service as it is beside these: a group does without other members. */
function amongThese(service: Service, services: readonly Service[]): Service {
  const members = membersOf(service);
  const there = members.filter(isAmong(services));
  return there.length === members.length ? service : { ...service, server: group(there) };
}

function absentFrom(
  service: Service,
  services: readonly Service[],
  missingOf: (member: string) => readonly string[],
): Deployable["absent"] {
  const absent = membersOf(service).filter((member) => !isAmong(services)(member));
  return absent.map((name) => ({ group: service.name, name, missing: missingOf(name) }));
}

/** What is said of such a member. */
export const withoutMember = ({ group, name, missing }: Deployable["absent"][number]): string =>
  `${group} is without ${name}, which needs ${missing.join(" and ")}`;
