/** The address of whoever calls, seen through proxies. Only trusted proxies are believed. */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/**
 * The networks of trusted proxies. Undefined when there are none, which saves every request a look-up.
 * @param ranges addresses or CIDR ranges
 * @throws Error that names a malformed one
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
 * The client's address: that of the socket, unless a trusted proxy is connected. In that case it is the last address in
 * X-Forwarded-For that is not a trusted proxy, since the client may have written those before it. Without that header it
 * is CF-Connecting-IP; X-Forwarded-For comes first because other proxies pass on a CF-Connecting-IP that the client wrote.
 * @param remoteAddress the remote address of the socket
 */
export function clientAddress(
  remoteAddress: string,
  headers: { readonly [name: string]: string | string[] | undefined },
  trusted: BlockList | undefined,
): string {
  const address = plain(remoteAddress);
  if (!trusted || !isTrusted(address, trusted)) return address;
  const forwarded = headers["x-forwarded-for"] ?? headers["cf-connecting-ip"] ?? "";
  const hops = String(forwarded)
    .split(",")
    .map((hop) => plain(hop.trim()))
    .filter(Boolean);
  return hops.findLast((hop) => !isTrusted(hop, trusted)) ?? hops[0] ?? address;
}

/** Whether an address is that of a trusted proxy. */
export const isProxy = (remoteAddress: string, trusted: BlockList | undefined): boolean =>
  trusted !== undefined && isTrusted(plain(remoteAddress), trusted);

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

/** The address without port and brackets, and an IPv4-mapped IPv6 address as IPv4. */
const plain = (address: string) =>
  address
    .replace(/^\[(.*)\](:\d+)?$/, "$1")
    .replace(/^([\d.]+):\d+$/, "$1")
    .replace(/^::ffff:/, "");

const isTrusted = (address: string, trusted: BlockList) => trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
