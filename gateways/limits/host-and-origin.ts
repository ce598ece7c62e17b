/** Which host names and which web pages may call: against DNS rebinding and foreign pages. Pure checks. */
import { GatewayError } from "../errors.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Refuses a request that was sent to a name that is none of the gateway's: a page of another site whose name was made to
 * point here (DNS rebinding).
 * @param allowed names in lower case, without port; "*" allows all
 * @throws GatewayError `host-not-allowed`
 */
export function admitHost(host: string | undefined, allowed: ReadonlySet<string>): void {
  const name = hostname(host ?? "");
  if (LOOPBACK.has(name) || allowed.has(name) || allowed.has("*")) return;
  throw new GatewayError("host-not-allowed", { host });
}

/**
 * Refuses a browser page of another site. A request without Origin is no browser's and passes.
 * @param hosts names of the gateway: a page that it serves itself, or one on this machine, may call
 * @param origins further origins (`https://example.org`); "*" allows all
 * @throws GatewayError `origin-not-allowed`
 * @see MCP 2025-11-25, Transports, "Security Warning": a bad Origin gets 403
 */
export function admitOrigin(
  origin: string | undefined,
  hosts: ReadonlySet<string>,
  origins: ReadonlySet<string>,
): void {
  if (origin === undefined || origins.has(origin) || origins.has("*")) return;
  const name = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
  if (name !== undefined && (LOOPBACK.has(hostname(name)) || hosts.has(hostname(name)))) return;
  throw new GatewayError("origin-not-allowed", { origin });
}

/** A Host header without its port. */
const hostname = (host: string) => host.replace(/:\d+$/, "").toLowerCase();
