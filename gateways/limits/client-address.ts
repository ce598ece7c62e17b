/** Who is calling, seen through proxies. Only what a trusted proxy says is believed. */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/**
 * The networks of trusted proxies; undefined when there are none, so that no request is looked up in an empty list.
 * @param ranges addresses or CIDR ranges
 * @throws Error that names a bad one
 */
export function proxyList(ranges: readonly string[]): BlockList | undefined {
  if (ranges.length === 0) return undefined;
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    try {
      if (bits === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(bits), family);
    } catch {
      throw new Error(`trusted proxies: got ${range}, expected an address or a range such as 172.16.0.0/12`);
    }
  }
  return list;
}

/**
 * The client's address: the connection's, unless the connection is a trusted proxy. Then the last address in X-Forwarded-For that is no
 * trusted proxy (whatever stands before it was written by the client), or without that header what Cloudflare says: behind
 * another proxy, which passes CF-Connecting-IP on as it came, the client could have written that one.
 */
export function clientAddress(
  connection: string,
  headers: { readonly [name: string]: string | string[] | undefined },
  trusted: BlockList | undefined,
): string {
  const address = plain(connection);
  if (!trusted || !isTrusted(address, trusted)) return address;
  const forwarded = headers["x-forwarded-for"] ?? headers["cf-connecting-ip"] ?? "";
  const hops = String(forwarded)
    .split(",")
    .map((hop) => plain(hop.trim()))
    .filter(Boolean);
  return hops.findLast((hop) => !isTrusted(hop, trusted)) ?? hops[0] ?? address;
}

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

/** Without port and brackets; an IPv4 address that came over an IPv6 socket, as IPv4. */
const plain = (address: string) =>
  address
    .replace(/^\[(.*)\](:\d+)?$/, "$1")
    .replace(/^([\d.]+):\d+$/, "$1")
    .replace(/^::ffff:/, "");

const isTrusted = (address: string, trusted: BlockList) => trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
