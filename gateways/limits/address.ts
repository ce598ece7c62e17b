/** IP addresses as text: one spelling for each, and the networks around it. Whatever is no address never becomes one. */
import { isIPv4, isIPv6, SocketAddress } from "node:net";
import { remembered } from "../remembered.ts";

/** No spelling of an address, with brackets, zone and port, is longer. */
const LONGEST = 80;

/**
 * Reads an address as proxies write it: with or without port, brackets and zone, an IPv4 address also in its IPv6 form.
 * @returns its one spelling; undefined when the text is no address
 */
export const readAddress = (text: string): string | undefined => spelled(text) || undefined;

/** @returns "" for none */
const spelled = remembered((text) => {
  if (isIPv4(text)) return text;
  if (text.length > LONGEST) return "";
  const bare = withoutZone(withoutPort(text.trim()));
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return "";
  const groups = groupsOf(bare);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!mapped) return new SocketAddress({ address: bare, family: "ipv6" }).address;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join(".");
});

/** Whether an address, as `readAddress` spells it, is this machine's own. */
export function isLoopback(address: string): boolean {
  return address === "::1" || (address.startsWith("127.") && isIPv4(address));
}

/**
 * What counts as one caller: an IPv4 address, or the /64 that an IPv6 user usually has to himself.
 * @param address as `readAddress` spells it
 */
export function hostOf(address: string): string {
  return isIPv6(address) ? prefix(address, 4) : address;
}

/** The network that a caller can usually move about in: the /24 of IPv4, the /48 of IPv6. */
export function networkOf(address: string): string {
  if (isIPv6(address)) return prefix(address, 3);
  return isIPv4(address) ? `${address.slice(0, address.lastIndexOf("."))}.0/24` : address;
}

/** The first groups of an IPv6 address as a range: `2001:db8:0:1::/64`. */
function prefix(address: string, groups: number): string {
  const kept = groupsOf(address).slice(0, groups);
  return `${kept.map((group) => group.toString(16)).join(":")}::/${groups * 16}`;
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = withoutZone(address).split("::");
  const [before, after] = [numbersIn(head), numbersIn(tail ?? "")];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

/** Groups of an IPv6 address; an IPv4 address at its end is two. */
function numbersIn(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

const withoutZone = (text: string) => (text.includes("%") ? text.slice(0, text.indexOf("%")) : text);

/** `[address]`, `[address]:port` and `address:port`, the last for IPv4 alone: in IPv6 a colon is part of the address. */
function withoutPort(text: string): string {
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    return end > 0 && isPort(text.slice(end + 1)) ? text.slice(1, end) : text;
  }
  const colon = text.indexOf(":");
  const isOnly = colon > 0 && colon === text.lastIndexOf(":");
  return isOnly && isPort(text.slice(colon)) ? text.slice(0, colon) : text;
}

const isPort = (text: string) => text === "" || /^:\d{1,5}$/.test(text);
