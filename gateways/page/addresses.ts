/** Where a visitor reaches a service. */
import type { Served } from "../served.ts";
import type { Exchange } from "../transports/exchange.ts";
import { schemeOf } from "./cookie.ts";

/** The port of a page, and what is on it. */
export interface PagePort {
  /** In the order in which they were configured. */
  readonly services: () => readonly Served[];
  /** Whether each of them is below its name. */
  readonly isHub: boolean;
  /** @default - tokens are taken where everything else is */
  readonly keys?: KeyDoor | undefined;
}

/** Where static tokens alone are taken, beside logins elsewhere (`keyHosts`, `keyPort`). */
export interface KeyDoor {
  /** A host name of its own. */
  readonly host?: string | undefined;
  /** Or a port of its own. */
  readonly port?: number | undefined;
  /** Whether each service is below its name there. */
  readonly isHub: boolean;
}

/** The address of the gateway as the visitor's browser has it: `https://mcp.example.org`, and what a proxy takes off the path. */
export const originOf = (exchange: Exchange) =>
  `${schemeOf(exchange)}://${exchange.header("host") ?? ""}${prefixOf(exchange)}`;

/** As Traefik's StripPrefix and others tell it. Only the visitor sees what follows from it, so anybody may say it. */
function prefixOf(exchange: Exchange): string {
  const told = exchange.header("x-forwarded-prefix") ?? "";
  return /^(\/[\w.~-]{1,64}){1,8}\/?$/.test(told) ? told.replace(/\/$/, "") : "";
}

/** Where a service takes tokens, as the visitor reaches it; undefined = where everything else is, or it takes none. */
export function keyUrlOf({ service, auth }: Served, exchange: Exchange, { keys }: PagePort): string | undefined {
  if (auth.hasKeys !== true || keys === undefined) return undefined;
  const address = new URL(`${schemeOf(exchange)}://${exchange.header("host") ?? ""}`);
  if (keys.host === undefined) address.port = String(keys.port ?? "");
  else address.host = keys.host;
  return `${address.origin}${keys.isHub ? `/${service.name}` : ""}/mcp`;
}

/** The MCP endpoint of a service as the visitor reaches it. */
export const urlOf = ({ service }: Served, exchange: Exchange, { isHub }: PagePort) =>
  `${originOf(exchange)}${isHub ? `/${service.name}` : ""}/mcp`;

/** Both of them. */
export const addressesOf = (served: Served, exchange: Exchange, port: PagePort) => ({
  url: urlOf(served, exchange, port),
  keyUrl: keyUrlOf(served, exchange, port),
});
