/** Web pages of other origins: whether one may call, what a browser is told beforehand, and what the page may read (Fetch standard, CORS). */
import { GatewayError } from "../errors.ts";
import { mayCall, type HostNames, type PagePolicy, type StartedBy } from "../limits/host-and-origin.ts";
import type { Exchange } from "./exchange.ts";

/** What decides whether a page may call. */
export interface PageRules {
  readonly pages: PagePolicy;
  /** The gateway's own names: its own pages may call. */
  readonly names: HostNames;
  readonly startedBy: StartedBy;
}

/**
 * Refuses pages that may not call, and lets those that may read the answer, whatever it will be.
 * @returns whether the request was a preflight and has been answered
 * @throws GatewayError `origin-not-allowed`
 */
export function admitPage(exchange: Exchange, rules: PageRules): boolean {
  const origin = exchange.header("origin");
  if (origin === undefined) return false;
  if (!letPageRead(exchange, rules))
    throw new GatewayError("origin-not-allowed", { origin, how: HOW[rules.startedBy](origin) });
  if (exchange.method !== "OPTIONS") return false;
  exchange.empty(204, {
    "access-control-allow-methods": "GET, POST, DELETE, HEAD",
    "access-control-allow-headers": [...ALLOWED_HEADERS, ...parameterHeaders(exchange)].join(", "),
    "access-control-max-age": "600",
  });
  return true;
}

/** How to allow an origin. */
const HOW: Readonly<Record<StartedBy, (origin: string) => string>> = {
  flags: (origin) => `start the gateway with --allowed-origins ${origin} (in a container: ALLOWED_ORIGINS=${origin})`,
  file: (origin) => `add ${origin} to "allowedOrigins" in gateway.json, and restart the gateway`,
  "npm start": (origin) => `add ALLOWED_ORIGINS=${origin} to .env, then restart npm start`,
};

/** Lets a page that may call read the answer. @returns whether it may */
export function letPageRead(exchange: Exchange, rules: PageRules): boolean {
  const origin = exchange.header("origin");
  if (origin === undefined || !mayCall(origin, exchange.header("host"), rules)) return false;
  exchange.addHeaders({
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, Allow",
    vary: "Accept, Origin",
  });
  return true;
}

const ALLOWED_HEADERS: readonly string[] = [
  "Accept",
  "Authorization",
  "Baggage",
  "Cache-Control",
  "Content-Type",
  "Last-Event-ID",
  "Mcp-Method",
  "Mcp-Name",
  "MCP-Protocol-Version",
  "Mcp-Session-Id",
  "Origin",
  "Pragma",
  "Traceparent",
  "Tracestate",
  "X-Requested-With",
];

/** Characters of the list of headers that a page asks for. A longer one is not read. */
const MOST_ASKED = 4_096;

/** Headers that a tool's own schema names (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters"). */
function parameterHeaders(exchange: Exchange): string[] {
  const asked = exchange.header("access-control-request-headers") ?? "";
  if (asked.length > MOST_ASKED) return [];
  const names = asked.split(",").map((name) => name.trim());
  return names.filter((name) => /^mcp-param-[!#$%&'*+.^_`|~\w-]+$/i.test(name));
}
