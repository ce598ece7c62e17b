/** Which host names and which web pages may call: protection against DNS rebinding and pages of other sites. */
import { GatewayError } from "../errors.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Refuses a request to a name that is not the gateway's: it may come from the page of a site whose name was made to point
 * here (DNS rebinding).
 * @param allowed names in lower case, without port; "*" allows all
 * @throws GatewayError `host-not-allowed`
 */
export function admitHost(host: string | undefined, allowed: ReadonlySet<string>): void {
  const name = hostname(host ?? "");
  if (LOOPBACK.has(name) || allowed.has(name) || allowed.has("*")) return;
  throw new GatewayError("host-not-allowed", { host });
}

/**
 * Refuses browser pages of other sites. A request without Origin does not come from a browser, and passes.
 * @param hosts the gateway's own names: its own pages may call, as may pages on this machine
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
