/**
 * The cookie of a login. It opens the page's own paths and nothing else: what is at /mcp, /sse and /ws takes no cookies, so a
 * page of another site can do nothing with it.
 */
import type { Exchange } from "../transports/exchange.ts";

/**
 * The scheme that the visitor's browser has used. Only the visitor sees what follows from it, so anybody may say it. Of several
 * proxies the first one stands first.
 */
export const schemeOf = (exchange: Exchange): "http" | "https" =>
  /^\s*https\s*(,|$)/i.test(exchange.header("x-forwarded-proto") ?? "") ? "https" : "http";

/**
 * Over HTTPS a name that no other host of the domain can set (RFC 6265bis, section 4.1.3.2). Elsewhere cookies are for all ports
 * of a host, so the name has the port: gateways beside each other keep their logins apart.
 */
const nameFor = (exchange: Exchange) =>
  schemeOf(exchange) === "https" ? "__Host-gangway" : `gangway-${exchange.req.socket.localPort}`;

/** What our cookie holds; undefined = there is none. */
export function cookieOf(exchange: Exchange): string | undefined {
  const name = `${nameFor(exchange)}=`;
  const pairs = (exchange.header("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(name))?.slice(name.length);
}

/** The Set-Cookie header of a login. @param id undefined = it is over */
export function cookieFor(exchange: Exchange, id: string | undefined): string {
  const parts = [`${nameFor(exchange)}=${id ?? ""}`, "Path=/", "HttpOnly", "SameSite=Strict"];
  if (schemeOf(exchange) === "https") parts.push("Secure");
  if (id === undefined) parts.push("Max-Age=0");
  return parts.join("; ");
}
