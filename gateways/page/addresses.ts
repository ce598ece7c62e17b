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

/** The address of the gateway as the visitor's browser has it: `https://mcp.example.org`. */
export const originOf = (exchange: Exchange) => `${schemeOf(exchange)}://${exchange.header("host") ?? ""}`;

/** The MCP endpoint of a service as the visitor reaches it. */
export const urlOf = ({ service }: Served, exchange: Exchange, { isHub }: PagePort) =>
  `${originOf(exchange)}${isHub ? `/${service.name}` : ""}/mcp`;
