/** Stack `edge`: everything at Cloudflare and DigitalOcean. An apply ends when Docker answers on the host. */
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { DigitaloceanProvider } from "@cdktf/provider-digitalocean/lib/provider/index.js";
import { DataResource, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { cloudflareNetworks } from "./constructs/cloudflare-networks.ts";
import { Droplet } from "./constructs/droplet.ts";
import { EdgeSecurity, type SslMode } from "./constructs/edge-security.ts";
import { Firewall } from "./constructs/firewall.ts";
import { Hostname, hostOf, type Target } from "./constructs/hostname.ts";
import { OwnMachine } from "./constructs/own-machine.ts";
import { run } from "./constructs/program.ts";
import type { ExistingTunnel } from "./constructs/tunnel-token.ts";
import { Tunnel } from "./constructs/tunnel.ts";
import { Zone } from "./constructs/zone.ts";
import type { MachineAddress } from "./machine/address.ts";

export interface EdgeStackProps {
  /** The domain of the services. */
  readonly domain: string;
  /** DNS labels of the services under the domain. */
  readonly hostnames: readonly string[];
  /** The Cloudflare account to create a tunnel in. */
  readonly accountId: string;
  /** The Cloudflare zone's id. @default - looked up by the domain's name */
  readonly zoneId?: string | undefined;
  /**
   * How requests reach the host: through a tunnel, with only SSH open, or directly.
   * @default "tunnel"
   */
  readonly mode?: "tunnel" | "direct";
  /**
   * A machine that exists, in place of a droplet. In direct mode its host is an IPv4 address.
   * @default - a droplet is created, for which the next props are
   */
  readonly machine?: MachineAddress | undefined;
  /** A region of DigitalOcean, as in "fra1". */
  readonly region: string;
  /** A droplet size of DigitalOcean, as in "s-1vcpu-2gb". */
  readonly size: string;
  /** The droplet's image. @default "debian-12-x64" */
  readonly image?: string;
  /** The key that may log in to the droplet as root: one line, as in a .pub file. */
  readonly sshPublicKey: string;
  /** The droplet's SSH port from its first boot on. @default 22 */
  readonly sshPort?: number;
  /** The networks that SSH is allowed from, as CIDRs. @default - everywhere */
  readonly sshFrom?: readonly string[] | undefined;
  /** Size of the data volume in GiB. It can grow, but never shrink. @default 10 */
  readonly volumeSize?: number;
  /** A tunnel to use instead of a new one. @default - one is created */
  readonly existingTunnel?: ExistingTunnel | undefined;
  /**
   * Whether to take over what already exists: a tunnel's rules, DNS records of our names, the SSH key.
   * @default false
   */
  readonly adopt?: boolean;
  /** The SSL mode of our hosts: "full" or "strict" in direct mode. @default - the zone's own */
  readonly sslMode?: SslMode | undefined;
  /** Requests in 10 seconds that Cloudflare accepts from one address. @default - no limit at the edge */
  readonly edgeRateLimit?: number | undefined;
}

/**
 * Outputs: `host`, the address of the droplet or the machine, known when its Docker answers; in tunnel mode also `tunnelId`. API tokens are not props:
 * the providers read CLOUDFLARE_API_TOKEN and DIGITALOCEAN_TOKEN from the environment.
 * @example new EdgeStack(app, "edge", { domain: "example.org", hostnames: ["coda"], accountId, region: "fra1", ... });
 * @throws Error when `sslMode` is "off" or "flexible" in direct mode
 */
export class EdgeStack extends TerraformStack {
  /** The address of the droplet or the machine, known when its Docker answers. */
  readonly host: string;
  /** The tunnel for the connector; undefined in direct mode. */
  readonly tunnelId: string | undefined;
  /** The networks that Cloudflare connects from; undefined with a tunnel. */
  readonly cloudflare: readonly string[] | undefined;

  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id);
    refuseCleartext(props);
    new CloudflareProvider(this, "cloudflare", {});
    const zone = new Zone(this, "zone", props);
    const tunnel = props.mode === "direct" ? undefined : this.#tunnel(props);
    this.cloudflare = props.mode === "direct" ? cloudflareNetworks(this) : undefined;
    const host = props.machine ? this.#machine(props.machine, props) : this.#newDroplet(props, tunnel);
    this.#hostnames(props, zone, tunnel ?? host);
    this.#security(props, zone);
    this.host = host.address;
    this.tunnelId = tunnel?.id;
    new TerraformOutput(this, "host", { value: this.host });
    if (tunnel) new TerraformOutput(this, "tunnelId", { value: tunnel.id });
  }

  #tunnel({ accountId, domain, hostnames, existingTunnel: existing, adopt = false }: EdgeStackProps): Tunnel {
    const hosts = hostnames.map((label) => hostOf(label, domain));
    return new Tunnel(this, "tunnel", { accountId, name: nameFor(domain), hosts, existing, adopt });
  }

  #machine(machine: MachineAddress, { mode }: EdgeStackProps): OwnMachine {
    return new OwnMachine(this, "own-machine", { machine, direct: mode === "direct" });
  }

  #newDroplet(props: EdgeStackProps, tunnel: Tunnel | undefined): { readonly ipv4: string; readonly address: string } {
    new DigitaloceanProvider(this, "digitalocean", {});
    const droplet = this.#droplet(props, tunnel);
    const firewall = this.#firewall(props, droplet);
    // Not the droplet's own attribute, so that whoever reads it waits for Docker. (Terraform refuses an output's dependsOn as
    // cdktf renders it.)
    const address = this.#ready(props, droplet, firewall).getStringAttribute("output.host");
    return { ipv4: droplet.ipv4, address };
  }

  #droplet(props: EdgeStackProps, tunnel: Tunnel | undefined): Droplet {
    const { domain, region, size, sshPublicKey, image = "debian-12-x64" } = props;
    const { sshPort = 22, volumeSize = 10, adopt = false } = props;
    const machine = { name: nameFor(domain), region, size, image, sshPublicKey, sshPort, volumeSize, adopt };
    return new Droplet(this, "droplet", {
      ...machine,
      reservedIp: tunnel === undefined,
      after: tunnel?.created ?? [], // destroyed before the tunnel, which Cloudflare keeps while a connector is connected
    });
  }

  /** The records of all hosts are proxied, so nobody but Cloudflare has a reason to connect. */
  #firewall({ domain, sshPort = 22, sshFrom }: EdgeStackProps, droplet: Droplet): Firewall {
    const webFrom = this.cloudflare;
    return new Firewall(this, "firewall", { name: nameFor(domain), droplet, sshPort, sshFrom, webFrom });
  }

  #hostnames({ hostnames, adopt = false }: EdgeStackProps, zone: Zone, target: Target): void {
    for (const label of hostnames) new Hostname(this, `hostname-${label}`, { zone, label, target, adopt });
  }

  #security({ domain, hostnames, sslMode, edgeRateLimit: rateLimit }: EdgeStackProps, zone: Zone): void {
    const hosts = hostnames.map((label) => hostOf(label, domain));
    new EdgeSecurity(this, "edge-security", { zone, hosts, sslMode, rateLimit });
  }

  /** Outputs the address when the droplet's first boot is over and its Docker answers. */
  #ready({ sshPort = 22 }: EdgeStackProps, droplet: Droplet, firewall: Firewall): DataResource {
    return new DataResource(this, "ready", {
      triggersReplace: { droplet: droplet.dropletId },
      input: { host: droplet.ipv4 },
      provisioners: [run("wait-for-host", { environment: {} }, { host: droplet.ipv4, port: String(sshPort) })],
      dependsOn: [firewall.resource, droplet.reachable],
    });
  }
}

/** DigitalOcean derives a volume's device from its name, and allows 64 letters, digits and hyphens. */
const nameFor = (domain: string): string => `gangway-${domain.toLowerCase().replaceAll(".", "-")}`.slice(0, 64);

function refuseCleartext({ mode, sslMode }: EdgeStackProps): void {
  if (mode !== "direct" || (sslMode !== "flexible" && sslMode !== "off")) return;
  throw new Error(
    `the SSL mode is "${sslMode}" in direct mode, so Cloudflare would send all requests and their tokens across the internet ` +
      'unencrypted; expected "full" or "strict", or the mode "tunnel"',
  );
}
