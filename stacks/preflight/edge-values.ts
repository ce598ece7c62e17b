/** Checks the values for the stack edge before Terraform runs. No check shows the value of a secret. */
import { isIP } from "node:net";
import { nearest } from "../../gateways/config/nearest.ts";
import { readMachine } from "../machine/address.ts";
import { readTunnelToken } from "../constructs/tunnel-token.ts";
import { sshKeyProblem } from "./ssh-key.ts";

/** Describes the problem of a value, as the rest of a sentence that begins with the variable; undefined if there is none. */
export type Check = (value: string) => string | undefined;

/** A copy that may be out of date. @see DigitalOcean, Regional availability */
const REGIONS = ["nyc1", "nyc3", "ams3", "sfo2", "sfo3", "sgp1", "lon1", "fra1", "tor1", "blr1", "syd1", "atl1"];

const domain: Check = (value) =>
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(value)
    ? undefined
    : `is "${value}", expected a domain such as example.org, in lower case, without https:// or a path`;

const region: Check = (value) => {
  if (REGIONS.includes(value)) return undefined;
  const near = nearest(value, REGIONS);
  return `is "${value}", expected a region of DigitalOcean${near ? `: "${near}"?` : ""} (${REGIONS.join(", ")})`;
};

const size: Check = (value) =>
  /^[a-z0-9]+(_[0-9]+)?(-[a-z0-9.]+)+$/.test(value)
    ? undefined
    : `is "${value}", expected a droplet size such as "s-1vcpu-2gb" (doctl compute size list shows all of them)`;

const hexadecimal =
  (what: string): Check =>
  (value) => {
    if (/^[0-9a-f]{32}$/.test(value)) return undefined;
    return `${unshown(value)}, expected ${what}: 32 hexadecimal digits, from the domain's overview page at Cloudflare`;
  };

const cloudflareToken: Check = (value) => {
  if (isTunnelToken(value)) return "is a tunnel token, which belongs in CF_TUNNEL_TOKEN; expected an API token";
  if (value.startsWith("dop_v1_"))
    return "is a DigitalOcean token, which belongs in DIGITALOCEAN_TOKEN; expected Cloudflare's";
  if (/^[0-9a-f]{37}$/.test(value))
    return "looks like the Global API Key, which has every right: create an API token with Tunnel, DNS and Zone rights instead";
  if (/^[A-Za-z0-9_-]{40,}$/.test(value)) return undefined;
  return `is not a Cloudflare API token (${value.length} characters): expected 40 or more letters, digits, _ and -`;
};

const digitaloceanToken: Check = (value) =>
  /^do[opr]_v1_[0-9a-f]{64}$/.test(value) || /^[0-9a-f]{64}$/.test(value)
    ? undefined
    : `is not a DigitalOcean token (${value.length} characters): expected dop_v1_ and 64 hexadecimal digits, from the page API, Tokens`;

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
    ? "is a key, which must stay in its file: expected the path of that file"
    : undefined;

const email: Check = (value) =>
  /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value)
    ? undefined
    : `is "${value}", expected an address such as ops@example.org`;

const port: Check = (value) =>
  /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535
    ? undefined
    : `is "${value}", expected a whole number from 1 to 65535`;

const server: Check = (value) =>
  readMachine(value) === undefined
    ? `is "${value}", expected a machine as ssh reaches it: root@203.0.113.5, root@203.0.113.5:2222, or a host of ~/.ssh/config`
    : undefined;

const hostKey: Check = (value) =>
  /^(SHA256:[\w+/]{43}=?|[\s\S]*\bAAAA[\w+/]{40,}={0,2}[\s\S]*)$/.test(value)
    ? undefined
    : `is "${value}", expected a fingerprint such as SHA256:..., or a line of /etc/ssh/ssh_host_ed25519_key.pub on the machine`;

/** The check of each variable that must have a certain form. */
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
  SERVER: server,
  SERVER_HOST_KEY: hostKey,
} as const satisfies Readonly<Record<string, Check>>;

/** Checks all values that are set. @returns a line for each problem */
export function edgeProblems(values: Readonly<Partial<Record<keyof typeof edgeChecks, string | undefined>>>): string[] {
  return Object.entries(edgeChecks).flatMap(([variable, check]) => {
    const value = values[variable as keyof typeof edgeChecks];
    const problem = value === undefined ? undefined : check(value);
    return problem === undefined ? [] : [`${variable} ${problem}`];
  });
}

/** Checks that each service's name is one label of the domain. @returns a line for each problem */
export function hostnameProblems(hostnames: readonly string[], domain: string): string[] {
  return hostnames.flatMap((hostname) => {
    if (hostname.endsWith(`.${domain}`) && LABEL.test(hostname.slice(0, -domain.length - 1)))
      return [`${hostname}: expected the label alone ("${hostname.slice(0, -domain.length - 1)}")`];
    if (hostname.includes(".")) return [`${hostname} is outside the domain ${domain}: expected one label of it`];
    return LABEL.test(hostname)
      ? []
      : [`${hostname} is not a DNS label: expected 1 to 63 of a-z, 0-9 and -, without - at either end`];
  });
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function isTunnelToken(value: string): boolean {
  return tunnelToken(value) === undefined;
}

/** The ranges in SSH_FROM. */
export const rangesOf = (value: string): string[] => value.split(/[\s,]+/).filter((range) => range !== "");

function isRange(text: string): boolean {
  const [address = "", bits = ""] = text.split("/");
  const version = isIP(address);
  return version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

/** Does not show the value: an id is no secret, but what was set instead of one may be. */
const unshown = (value: string) => `is not one (${value.length} characters)`;
