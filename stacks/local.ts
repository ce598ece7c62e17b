/** Stack `local`: what this machine's Docker runs. */
import type { Service } from "./catalog/entry.ts";
import type { Settings } from "./settings.ts";

/** The name of a service on this machine: browsers and curl send `*.localhost` here. */
export const localHost = ({ hostname }: Service): string => `${hostname}.localhost`;

/** The services whose secrets are set here, and the others with the names that are missing. */
export function localServices(services: readonly Service[], settings: Settings) {
  const missingFor = (service: Service) => service.secrets.filter((name) => settings.value(name) === undefined);
  return {
    services: services.filter((service) => missingFor(service).length === 0),
    left: services.flatMap((service) => {
      const missing = missingFor(service);
      return missing.length === 0 ? [] : [{ name: service.name, missing }];
    }),
  };
}
