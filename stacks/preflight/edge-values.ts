/** What can be known to be wrong with the values for edge before Terraform runs. No check shows a secret's value. */
import { isIP } from "node:net";
import { nearest } from "../catalog/nearest.ts";
import { readTunnelToken } from "../constructs/tunnel-token.ts";
import { sshKeyProblem } from "./ssh-key.ts";

/** Says what is wrong with a value, as the rest of a sentence that its variable begins; undefined when nothing is. */
export type Check = (value: string) => string | undefined;

/** @see DigitalOcean, Regional availability: theirs decides, this is a help */
const REGIONS = ["nyc1", "nyc3", "ams3", "sfo2", "sfo3", "sgp1", "lon1", "fra1", "tor1", "blr1", "syd1", "atl1"];

const domain: Check = (value) =>
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(value)
    ? undefined
    : `is "${value}", expected a domain such as example.org: lower case, without https:// and without a path`;

const region: Check = (value) => {
  if (REGIONS.includes(value)) return undefined;
  const near = nearest(value, REGIONS);
  return `is "${value}", expected a region of DigitalOcean${near ? `: "${near}"?` : ""} (${REGIONS.join(", ")})`;
};

const size: Check = (value) =>
  /^[a-z0-9]+(_[0-9]+)?(-[a-z0-9.]+)+$/.test(value)
    ? undefined
    : `is "${value}", expected a droplet size such as "s-1vcpu-2gb" (doctl compute size list shows them all)`;

const hexadecimal =
  (what: string): Check =>
  (value) => {
    if (/^[0-9a-f]{32}$/.test(value)) return undefined;
    return `${shown(value)}, expected ${what}: 32 hexadecimal digits, on the domain's overview page at Cloudflare`;
  };

const cloudflareToken: Check = (value) => {
  if (isTunnelToken(value)) return "is a tunnel's token: it belongs into CF_TUNNEL_TOKEN; expected an API token";
  if (value.startsWith("dop_v1_"))
    return "is a DigitalOcean token: it belongs into DIGITALOCEAN_TOKEN; expected Cloudflare's";
  if (/^[0-9a-f]{37}$/.test(value))
    return "looks like the Global API Key, which may do everything: make an API token with Tunnel, DNS and Zone rights";
  if (/^[A-Za-z0-9_-]{40,}$/.test(value)) return undefined;
  return `is not a Cloudflare API token (${value.length} characters): expected 40 or more letters, digits, _ and -`;
};

const digitaloceanToken: Check = (value) =>
  /^do[opr]_v1_[0-9a-f]{64}$/.test(value) || /^[0-9a-f]{64}$/.test(value)
    ? undefined
    : `is not a DigitalOcean token (${value.length} characters): expected dop_v1_ and 64 hexadecimal digits, from API, Tokens`;

const tunnelToken: Check = (value) => {
  try {
    readTunnelToken(value);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace("CF_TUNNEL_TOKEN ", "");
  }
};

const sshFrom: Check = (value) => {
  const wrong = rangesOf(value).find((range) => !isRange(range));
  return wrong === undefined ? undefined : `has "${wrong}", expected ranges such as 198.51.100.7/32`;
};

const keyFile: Check = (value) =>
  value.includes("PRIVATE KEY") || value.includes("\n")
    ? "is a key itself, which must stay in its file: expected the path of that file"
    : undefined;

const email: Check = (value) =>
  /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value)
    ? undefined
    : `is "${value}", expected an address such as ops@example.org`;

const port: Check = (value) =>
  /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535
    ? undefined
    : `is "${value}", expected a whole number from 1 to 65535`;

/** A check for each variable of edge that has a form of its own. */
export const edgeChecks = {
  DOMAIN: domain,
  CLOUDFLARE_API_TOKEN: cloudflareToken,
  CLOUDFLARE_ACCOUNT_ID: hexadecimal("the account's id"),
  CLOUDFLARE_ZONE_ID: hexadecimal("the zone's id"),
  CF_TUNNEL_TOKEN: tunnelToken,
  DIGITALOCEAN_TOKEN: digitaloceanToken,
  DROPLET_REGION: region,
  DROPLET_SIZE: size,
  LETSENCRYPT_EMAIL: email,
  SSH_PUBLIC_KEY: sshKeyProblem,
  SSH_PRIVATE_KEY_FILE: keyFile,
  SSH_FROM: sshFrom,
  SSH_PORT: port,
} as const satisfies Readonly<Record<string, Check>>;

/** Every problem of the values that are set, one line each; none means that Terraform may begin. */
export function edgeProblems(values: Readonly<Partial<Record<keyof typeof edgeChecks, string | undefined>>>): string[] {
  return Object.entries(edgeChecks).flatMap(([variable, check]) => {
    const value = values[variable as keyof typeof edgeChecks];
    const problem = value === undefined ? undefined : check(value);
    return problem === undefined ? [] : [`${variable} ${problem}`];
  });
}

/** What is wrong with the names of the services: each is one label of the domain. */
export function hostnameProblems(hostnames: readonly string[], domain: string): string[] {
  return hostnames.flatMap((hostname) => {
    if (hostname.endsWith(`.${domain}`) && LABEL.test(hostname.slice(0, -domain.length - 1)))
      return [`${hostname}: expected the label alone ("${hostname.slice(0, -domain.length - 1)}")`];
    if (hostname.includes(".")) return [`${hostname} is outside the domain ${domain}: expected one label of it`];
    return LABEL.test(hostname)
      ? []
      : [`${hostname} is no DNS label: expected 1 to 63 of a-z, 0-9 and -, no - at the ends`];
  });
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function isTunnelToken(value: string): boolean {
  return tunnelToken(value) === undefined;
}

/** The ranges that SSH_FROM has. */
export const rangesOf = (value: string): string[] => value.split(/[\s,]+/).filter((range) => range !== "");

function isRange(text: string): boolean {
  const [address = "", bits = ""] = text.split("/");
  const version = isIP(address);
  return version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

/** An id is no secret, but what is not one may be. */
const shown = (value: string) => `is not one (${value.length} characters)`;
