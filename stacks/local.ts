/** Stack `local`: what this machine's Docker runs. */
import type { Service } from "./catalog/entry.ts";

/** The name of a service on this machine: browsers and curl send `*.localhost` here. */
export const localHost = ({ hostname }: Pick<Service, "hostname">): string => `${hostname}.localhost`;
