/** The settings of the stacks `edge` and `services`. Every missing value is named at once, with where to get it. */
import { isIPv4 } from "node:net";
import type { Login } from "../constructs/engine.ts";
import { type ExistingTunnel, readTunnelToken } from "../constructs/tunnel-token.ts";
import { isPublic } from "../catalog/containers.ts";
import type { Service } from "../catalog/entry.ts";
import { hostLabels } from "../logins.ts";
import { type MachineAddress, readMachine } from "../machine/address.ts";
import { edgeChecks, edgeProblems, hostnameProblems, rangesOf } from "../preflight/edge-values.ts";
import { type Settings, SettingsError } from "../settings.ts";
import { tokenProblems } from "../tokens.ts";

/** The settings of a deployment under a domain, without tokens: those are read by name where they are needed. */
export interface CloudSettings {
  readonly domain: string;
  readonly letsencryptEmail: string;
  readonly accountId: string;
  /** Looked up from the domain when it is not set. */
  readonly zoneId: string | undefined;
  /** "tunnel": nothing but SSH is reachable; "direct": 80 and 443 are. `EXPOSURE` */
  readonly exposure: "tunnel" | "direct";
  /** A machine that exists, in place of a droplet: `SERVER` @default - a droplet is created */
  readonly machine: MachineAddress | undefined;
  /** `DROPLET_REGION` @default "fra1" */
  readonly region: string;
  /** `DROPLET_SIZE` @default "s-1vcpu-2gb" */
  readonly size: string;
  readonly sshPublicKey: string;
  /** GiB for the volumes of the services: `VOLUME_SIZE` @default 10 */
  readonly volumeSize: number;
  /** `SSH_PRIVATE_KEY_FILE` @default - the agent's keys */
  readonly sshKeyFile: string | undefined;
  /** `SSH_PORT` @default 22 */
  readonly sshPort: number;
  /** Who may reach SSH, as CIDR ranges: `SSH_FROM` @default - everybody */
  readonly sshFrom: readonly string[];
  /** The tunnel of CF_TUNNEL_TOKEN. @default - one of our own is created */
  readonly existingTunnel: ExistingTunnel | undefined;
  /** Whether existing things become ours: that tunnel's rules, records of our names, the SSH key. `ADOPT=true` */
  readonly adopt: boolean;
  /** The SSL mode of our hosts at Cloudflare: `SSL_MODE` @default - the zone's own */
  readonly sslMode: "full" | "strict" | "flexible" | "off" | undefined;
  /** Requests in 10 seconds that Cloudflare lets through from one address: `EDGE_RATE_LIMIT` @default - no limit there */
  readonly edgeRateLimit: number | undefined;
  /** Requests a second that the proxy lets through from one address, and twice as many at once: `PROXY_RATE_LIMIT` @default 10 */
  readonly proxyRateLimit: number;
  /** How Let's Encrypt checks that a name is ours: `ACME_CHALLENGE` @default "HTTP-01" */
  readonly challenge: "HTTP-01" | "DNS-01";
}

/** How to log in to the host of the stack `services`. A droplet lets root in. */
export function loginOf(settings: Settings): Login {
  const machine = readMachine(settings.value("SERVER") ?? "");
  const { sshKeyFile: keyFile } = settings;
  if (machine === undefined) return { user: "root", port: sshPortOf(settings), keyFile };
  return { user: machine.user, port: machine.port, keyFile, isKnown: true };
}

const sshPortOf = (settings: Settings): number => wholeNumber(settings, "SSH_PORT", 22);

/** The name of a required value, and where to get it. */
type Needed = readonly [name: string, where: string];

const needed: readonly Needed[] = [
  ["LETSENCRYPT_EMAIL", "an address of yours, to which Let's Encrypt writes"],
  [
    "CLOUDFLARE_API_TOKEN",
    "https://dash.cloudflare.com/profile/api-tokens: Cloudflare Tunnel Edit, DNS Edit, Zone Read",
  ],
  ["CLOUDFLARE_ACCOUNT_ID", "https://dash.cloudflare.com: the account's overview shows it"],
  ["DIGITALOCEAN_TOKEN", "https://cloud.digitalocean.com/account/api/tokens: read and write"],
  ["SSH_PUBLIC_KEY", "the text of ~/.ssh/id_ed25519.pub; ssh-keygen -t ed25519 makes one"],
  ["MCP_BEARER_TOKEN", "npx gangway token new"],
];

/** What is only for a droplet, and has no effect on a machine that exists. */
const ofDroplets = ["SSH_PUBLIC_KEY", "DROPLET_REGION", "DROPLET_SIZE", "VOLUME_SIZE", "SSH_PORT", "SSH_FROM"] as const;

/** The required values that are not set, each with where to get it. A service's own secrets are not among them. */
export function missingValues(settings: Settings): readonly Needed[] {
  const spared = settings.value("SERVER") === undefined ? [] : ["DIGITALOCEAN_TOKEN", ...ofDroplets];
  return needed.filter(([name]) => settings.value(name) === undefined && !spared.includes(name));
}

/**
 * The settings of a deployment; undefined without DOMAIN, which is the switch.
 * @throws SettingsError that names everything that is missing or wrong
 */
export function readCloudSettings(settings: Settings, services: readonly Service[]): CloudSettings | undefined {
  const domain = settings.value("DOMAIN");
  if (domain === undefined) return undefined;
  const missing = missingValues(settings).map(([name, where]) => `  ${name.padEnd(30)}${where}`);
  if (missing.length > 0) {
    const lines = [
      `${settings.named("DOMAIN")} is ${domain}, so these must be set too (environment or .env):`,
      ...missing,
      "In CI they come from the repository's settings: npx gangway secrets adds a new one to the workflow, and says how to set it.",
    ];
    throw new SettingsError(
      [...lines, "Without DOMAIN there is only the stack local, which needs none of them."].join("\n"),
    );
  }
  const set = Object.keys(edgeChecks).map((name) => [name, settings.value(name)]);
  const problems = [
    ...edgeProblems(Object.fromEntries(set)).map(settings.told),
    ...hostnameProblems(hostLabels(services.filter(isPublic), settings), domain),
    ...portProblems(settings),
    ...machineProblems(settings),
    ...tokenProblems(services, settings, true),
  ];
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  const value = (name: string) => settings.value(name) ?? "";
  const tunnel = settings.value("CF_TUNNEL_TOKEN");
  return {
    domain,
    letsencryptEmail: value("LETSENCRYPT_EMAIL"),
    accountId: value("CLOUDFLARE_ACCOUNT_ID"),
    zoneId: settings.value("CLOUDFLARE_ZONE_ID"),
    exposure: oneOf(settings, "EXPOSURE", ["tunnel", "direct"]),
    machine: readMachine(value("SERVER")),
    region: settings.value("DROPLET_REGION") ?? "fra1",
    size: settings.value("DROPLET_SIZE") ?? "s-1vcpu-2gb",
    sshPublicKey: value("SSH_PUBLIC_KEY"),
    volumeSize: wholeNumber(settings, "VOLUME_SIZE", 10),
    sshKeyFile: settings.sshKeyFile,
    sshPort: sshPortOf(settings),
    proxyRateLimit: wholeNumber(settings, "PROXY_RATE_LIMIT", 10),
    sshFrom: rangesOf(value("SSH_FROM")),
    existingTunnel: tunnel === undefined ? undefined : readTunnelToken(tunnel),
    adopt: oneOf(settings, "ADOPT", ["false", "true"]) === "true",
    sslMode:
      settings.value("SSL_MODE") === undefined
        ? undefined
        : oneOf(settings, "SSL_MODE", ["full", "strict", "flexible", "off"]),
    edgeRateLimit:
      settings.value("EDGE_RATE_LIMIT") === undefined ? undefined : wholeNumber(settings, "EDGE_RATE_LIMIT", 0),
    challenge: oneOf(settings, "ACME_CHALLENGE", ["HTTP-01", "DNS-01"]),
  };
}

/** In direct mode the ports of the web are the proxy's. */
function portProblems(settings: Settings): string[] {
  const port = settings.value("SSH_PORT") ?? "";
  if (settings.value("EXPOSURE") !== "direct" || !["80", "443"].includes(port)) return [];
  return [
    `${settings.named("SSH_PORT")} is ${port}, expected another one with EXPOSURE=direct: 80 and 443 are nginx-proxy's`,
  ];
}

/** What is set beside SERVER and would have no effect, or the other way round. */
function machineProblems(settings: Settings): string[] {
  const [server, hostKey] = [settings.value("SERVER"), settings.value("SERVER_HOST_KEY")];
  if (server === undefined)
    return hostKey === undefined ? [] : [`${settings.named("SERVER_HOST_KEY")} has no effect without SERVER: unset it`];
  const idle = ofDroplets.filter((name) => settings.value(name) !== undefined);
  const machine = readMachine(server);
  const needsAddress = settings.value("EXPOSURE") === "direct" && machine !== undefined && !isIPv4(machine.host);
  return [
    ...idle.map(
      (name) =>
        `${settings.named(name)} has no effect with SERVER${INSTEAD[name] ?? ", which is no droplet"}: unset it`,
    ),
    ...(needsAddress
      ? [
          `${settings.named("SERVER")} is "${server}", expected an IPv4 address with EXPOSURE=direct: the names of the services point at it`,
        ]
      : []),
  ];
}

/** Where the same is said of a machine that exists. */
const INSTEAD: Readonly<Partial<Record<(typeof ofDroplets)[number], string>>> = {
  SSH_PORT: ", which has its port in it (root@203.0.113.5:2222)",
  SSH_FROM: ", whose firewall is yours",
  SSH_PUBLIC_KEY: ", which decides itself who may log in",
};

function wholeNumber(settings: Settings, name: string, fallback: number): number {
  const text = settings.value(name) ?? String(fallback);
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new SettingsError(`${settings.named(name)} is "${text}", expected a whole number`);
}

/** One of a few words; the first is the default. */
function oneOf<const Word extends string>(settings: Settings, name: string, words: readonly [Word, ...Word[]]): Word {
  const value = settings.value(name) ?? words[0];
  const word = words.find((one) => one === value);
  if (word !== undefined) return word;
  throw new SettingsError(`${settings.named(name)} is "${value}", expected ${words.join(" or ")}`);
}
