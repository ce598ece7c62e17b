/** The names by which a gateway is called. */
import { hostname, networkInterfaces } from "node:os";
import { mcpName, type ServiceConfig } from "./config.ts";

/** The host by which other gateways reach this one: by default what Docker calls the container on its networks. */
export const ownHost = (host = hostname()) => (host.includes(":") ? `[${host}]` : host);

/** The names by which a gateway may be called: its services' stable names, and this machine's when it listens on more than loopback. */
export function ownNames(host: string, services: readonly ServiceConfig[]): string[] {
  const names = services.map(({ name }) => `${mcpName(name)}-gateway`);
  if (host !== "0.0.0.0" && host !== "::") return [...names, host];
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address);
  return [...names, hostname(), ...addresses.map((address) => (address.includes(":") ? `[${address}]` : address))];
}
