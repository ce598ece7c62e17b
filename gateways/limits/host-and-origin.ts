/** Which host names and which web pages may call: protection against DNS rebinding and pages of other sites. */
import { isIPv6 } from "node:net";
import { GatewayError } from "../errors.ts";
import { isLoopback, readAddress } from "./address.ts";
import { remembered } from "../remembered.ts";

/** The names of a gateway. */
export interface HostNames {
  /** In lower case, without port and without a dot at the end; "*" allows all. */
  readonly names: ReadonlySet<string>;
  /**
   * Whether names without a dot pass: those that Docker and compose give a container. No site of the internet has one, so no
   * DNS rebinding can use them.
   */
  readonly local: boolean;
}

/** How a gateway was started: with flags or variables, with a gateway.json, or by `npm start`, which writes one. */
export type StartedBy = "flags" | "file" | "npm start";

/** Which web pages may call. */
export interface PagePolicy {
  /** Origins (`https://example.org`); "*" allows all. */
  readonly origins: ReadonlySet<string>;
  /** Whether every page of this machine may: on loopback, where its programs may call, too. */
  readonly loopback: boolean;
}

/**
 * Refuses a request to a name that is not the gateway's: it may come from the page of a site whose name was made to point
 * here (DNS rebinding).
 * @throws GatewayError `host-not-allowed`
 */
export function admitHost(host: string | undefined, names: HostNames): void {
  if (!isOwnHost(host, names)) throw new GatewayError("host-not-allowed", { host });
}

/** Whether a Host header names the gateway. */
export function isOwnHost(host: string | undefined, names: HostNames): boolean {
  const name = nameIn(host ?? "");
  return names.names.has("*") || (name !== undefined && isGateways(name, names));
}

/** Whether a name is known as the gateway's, so that a page that was loaded from it is the gateway's, too. */
const isGateways = (name: string, { names, local }: HostNames) =>
  isLoopbackName(name) || names.has(name) || (local && isPlain(name));

/**
 * Whether a web page may call. This alone decides, for requests, for preflights, and for the headers with which a browser lets
 * the page read the answer. A request without Origin does not come from a browser, and passes.
 * @param host the Host header: the gateway's own pages may call
 * @see MCP 2025-11-25, Transports, "Security Warning": a bad Origin gets 403
 */
export function mayCall(
  origin: string | undefined,
  host: string | undefined,
  { pages: { origins, loopback }, names }: { readonly pages: PagePolicy; readonly names: HostNames },
): boolean {
  if (origin === undefined || origins.has(origin) || origins.has("*")) return true;
  const authority = authorityIn(origin);
  const name = authority === undefined ? undefined : nameIn(authority);
  if (authority === undefined || name === undefined || !isGateways(name, names)) return false;
  return (loopback && isLoopbackName(name)) || isOwn(authority, name, host ?? "");
}

/** Whether the page was loaded from the host that it calls. A proxy may have dropped the port, but not that of a loopback name. */
function isOwn(authority: string, name: string, host: string): boolean {
  const called = host.toLowerCase();
  return authority.toLowerCase() === called || (called === name && !isLoopbackName(name));
}

/** `name[:port]` of a page's origin; undefined when it is none of a web page. */
function authorityIn(origin: string): string | undefined {
  const scheme = /^https?:\/\//i.exec(origin)?.[0];
  return scheme === undefined ? undefined : origin.slice(scheme.length);
}

/** A name has at most 253 characters (RFC 1035, section 2.3.4), and a port five. */
const LONGEST = 260;

/** The host name of `name[:port]`, as names are compared; undefined when it cannot be one. */
export const nameIn = (host: string): string | undefined => readName(host) || undefined;

/** @returns "" for none */
const readName = remembered((host) => {
  if (host.length > LONGEST) return "";
  const name = (host.startsWith("[") ? /^(\[[^\]]*\])(:\d+)?$/ : /^([\w.-]+)(:\d+)?$/).exec(host)?.[1] ?? "";
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
});

/** A name of this machine, for itself. Numbers cannot be rebound, so all of 127.0.0.0/8 is as good as one of it. */
function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "127.0.0.1" || isLoopback(readAddress(name) ?? "");
}

/** A name without a dot that is no address: `2130706433` is one, too (RFC 6943, section 3.1.1). */
const isPlain = (name: string) => /^[a-z][\w-]*$/.test(name) && !isIPv6(name);
