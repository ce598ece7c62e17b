/** What was given on the command line, checked: each value ends up in a configuration, where a stray character would be a setting. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { WrongUse } from "../kit/arguments.ts";
import { proxies, type ProxyName } from "./render.ts";
import type { BasicAuth, Limit, ProxySettings, Site, User } from "./settings.ts";

/** The flags, as they were typed. */
export interface Given {
  readonly domain?: string | undefined;
  readonly https?: boolean | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly "self-signed"?: boolean | undefined;
  readonly email?: string | undefined;
  readonly upstream?: string | undefined;
  readonly rate?: string | undefined;
  readonly allow?: string | undefined;
  readonly "basic-auth"?: string | undefined;
  readonly "http-port"?: string | undefined;
  readonly "https-port"?: string | undefined;
}

/** Requests a second of one address: as in the deployed stacks. */
const RATE = 10;

/** Everything but the certificates. @throws WrongUse */
export function settingsOf(name: ProxyName, given: Given, sites: readonly Site[]): Omit<ProxySettings, "tls"> {
  return {
    sites,
    httpPort: portOf("--http-port", given["http-port"], 80),
    httpsPort: portOf("--https-port", given["https-port"], 443),
    email: emailOf(name, given),
    allowed: listOf(given.allow).map(rangeOf),
    basicAuth: basicAuthOf(name, given["basic-auth"]),
    limit: limitOf(name, given.rate),
  };
}

/** The items between commas. */
export const listOf = (text = ""): readonly string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** A path without the characters that mean something in any of the five languages. @throws WrongUse */
export function pathOf(flag: string, path: string): string {
  if (/^[\w./@+-]+$/.test(path)) return path;
  throw new WrongUse(`${flag} is ${JSON.stringify(path)}, expected a path of letters, digits and . _ - + @ /`);
}

/** @throws WrongUse */
export function hostOf(flag: string, host: string): string {
  if (/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(host))
    return host;
  throw new WrongUse(`${flag} is ${JSON.stringify(host)}, expected a domain in lower case, as in example.org`);
}

function portOf(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new WrongUse(`${flag} is ${JSON.stringify(text)}, expected a port from 1 to 65535`);
}

function emailOf(name: ProxyName, { email, https, certificate, "self-signed": selfSigned }: Given): string | undefined {
  if (email === undefined) return undefined;
  if (!/^[\w.+-]+@[\w.-]+$/.test(email)) throw new WrongUse(`--email is ${JSON.stringify(email)}, expected an address`);
  if (proxies[name].acme && https && certificate === undefined && !selfSigned) return email;
  throw new WrongUse(`--email is for certificates that the proxy gets itself: --https with caddy, traefik or apache`);
}

function rangeOf(range: string): string {
  const [address = "", bits] = range.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) !== 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))) return range;
  throw new WrongUse(`--allow has ${JSON.stringify(range)}, expected an address or a range, as in 192.168.1.0/24`);
}

function limitOf(name: ProxyName, text: string | undefined): Limit | undefined {
  const { limits } = proxies[name];
  const rate = Number(text ?? (limits ? RATE : 0));
  if (!Number.isInteger(rate) || rate < 0 || text === "")
    throw new WrongUse(`--rate is ${JSON.stringify(text)}, expected a whole number of requests a second`);
  if (rate === 0) return undefined;
  if (limits) return { rate, burst: 2 * rate };
  throw new WrongUse(`${name} cannot limit requests as it comes; the gateway does: GANGWAY_REQUEST_RATE=${rate}/s`);
}

function basicAuthOf(name: ProxyName, file: string | undefined): BasicAuth | undefined {
  if (file === undefined) return undefined;
  const lines = readFileSync(pathOf("--basic-auth", file), "utf8").split("\n");
  const users = lines
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => userIn(name, file, line));
  if (users.length === 0) throw new WrongUse(`${file} has no users; htpasswd -B -c ${file} <name> makes it`);
  return { file, users };
}

function userIn(proxy: ProxyName, file: string, line: string): User {
  const [, name, hash] = /^([\w.@-]+):([\w./$=,-]+)$/.exec(line.trim()) ?? [];
  // The line is not shown: it may be a password.
  if (name === undefined || hash === undefined)
    throw new WrongUse(`${file} has a line that is not <name>:<hash>, as htpasswd -B writes it`);
  if (proxies[proxy].hashes.test(hash)) return { name, hash };
  throw new WrongUse(
    `${proxy} does not read the hash of ${name} in ${file}; htpasswd -B ${file} ${name} writes one that it does`,
  );
}
