/** Which pages may use the page's own paths: none but our own. */
import { GatewayError } from "../errors.ts";
import { mayCall, type HostNames, type PagePolicy } from "../limits/host-and-origin.ts";
import type { Exchange } from "../transports/exchange.ts";

/** Whoever may call /mcp may still not read what the page shows, or act with its cookie. */
const NOBODY_ELSE: PagePolicy = { origins: new Set(), loopback: false };

/** What Sec-Fetch-Site says of a request that no other site has made (Fetch Metadata, section 2.4). */
const OWN_SITE: readonly (string | undefined)[] = [undefined, "same-origin", "none"];

/** @throws GatewayError `origin-not-allowed` */
export function admitOwnPage(exchange: Exchange, names: HostNames): void {
  const origin = exchange.header("origin");
  const isOwn = mayCall(origin, exchange.header("host"), { pages: NOBODY_ELSE, names });
  if (isOwn && OWN_SITE.includes(exchange.header("sec-fetch-site"))) return;
  throw new GatewayError("origin-not-allowed", { origin, how: "open it at the gateway's own address" });
}
