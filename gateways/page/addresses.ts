/** Where a visitor reaches a service. */
import type { Served } from "../served.ts";
import type { Exchange } from "../transports/exchange.ts";
import { schemeOf } from "./cookie.ts";

/** The port of a page, and what is on it. */
export interface PagePort {
  /** In the order in which they were configured. */
  readonly services: readonly Served[];
  /** Whether each of them is below its name. */
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

/** The MCP endpoint of a service as the visitor reaches it. */
export const urlOf = ({ service }: Served, exchange: Exchange, { isHub }: PagePort) =>
  `${originOf(exchange)}${isHub ? `/${service.name}` : ""}/mcp`;
