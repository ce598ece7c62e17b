/** Stack `local`: what this machine's Docker runs. */
import type { Service } from "./catalog/entry.ts";
import type { Settings } from "./settings.ts";

/** The name of a service on this machine: browsers and curl send `*.localhost` here. */
export const localHost = ({ hostname }: Service): string => `${hostname}.localhost`;

/** Which services have what they need here, and which lack a secret. */
export function localServices(services: readonly Service[], settings: Settings) {
  const lacks = (service: Service) => service.secrets.filter((name) => settings.value(name) === undefined);
  return {
    services: services.filter((service) => lacks(service).length === 0),
    left: services.flatMap((service) => {
      const missing = lacks(service);
      return missing.length === 0 ? [] : [{ name: service.name, missing }];
    }),
  };
}
