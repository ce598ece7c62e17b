/** What is in front of the containers: the machine, the tunnel or the open ports, and the names. */
import { DataCloudflareZone } from "@cdktf/provider-cloudflare/lib/data-cloudflare-zone/index.js";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { DigitaloceanProvider } from "@cdktf/provider-digitalocean/lib/provider/index.js";
import { DataResource, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { Droplet } from "./constructs/droplet.ts";
import { engineAt } from "./constructs/engine.ts";
import { Firewall } from "./constructs/firewall.ts";
import { Hostname } from "./constructs/hostname.ts";
import { run } from "./constructs/program.ts";
import { Tunnel } from "./constructs/tunnel.ts";

export interface EdgeStackProps {
  readonly domain: string;
  /** The DNS label of each service. */
  readonly labels: readonly string[];
  readonly accountId: string;
  /** @default - looked up from the domain */
  readonly zoneId: string | undefined;
  readonly exposure: "tunnel" | "direct";
  readonly region: string;
  readonly size: string;
  /** GiB for the volumes of the services. */
  readonly volumeSize: number;
  readonly sshPublicKey: string;
  readonly sshKeyFile: string | undefined;
  readonly sshPort: number;
  /** CIDR ranges; none = everybody, with a key. */
  readonly sshFrom: readonly string[];
  /** The id of a tunnel that exists already. */
  readonly existingTunnel: string | undefined;
  /** Whether the rules of that tunnel are replaced by ours. */
  readonly adopt: boolean;
  /** Whether a plan that would destroy or replace the droplet or its disk is refused. */
  readonly isProtected: boolean;
}

/** The providers read their tokens from the environment: CLOUDFLARE_API_TOKEN and DIGITALOCEAN_TOKEN. */
export class EdgeStack extends TerraformStack {
  /** Where the droplet is reached: known when it is there. */
  readonly host: string;
  /** The tunnel that the connector serves; undefined in direct mode. */
  readonly tunnelId: string | undefined;

  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id);
    new CloudflareProvider(this, "cloudflare");
    new DigitaloceanProvider(this, "digitalocean");
    const { exposure, accountId, adopt, existingTunnel: existing, labels, domain } = props;
    const hostnames = labels.map((label) => `${label}.${domain}`);
    const droplet = new Droplet(this, "droplet", { ...props, reservedAddress: exposure === "direct" });
    const firewall = new Firewall(this, "firewall", { ...props, droplet, web: exposure === "direct" });
    const tunnel =
      exposure === "tunnel" ? new Tunnel(this, "tunnel", { accountId, hostnames, existing, adopt }) : undefined;
    const zoneId =
      props.zoneId ?? new DataCloudflareZone(this, "zone", { filter: { name: domain, match: "all" } }).zoneId;
    for (const fqdn of hostnames) new Hostname(this, fqdn, { zoneId, fqdn, target: tunnel ?? droplet });
    this.host = droplet.address;
    this.tunnelId = tunnel?.id;
    this.#waitForHost(firewall, props);
    new TerraformOutput(this, "host", { value: this.host });
    if (tunnel) new TerraformOutput(this, "tunnel_id", { value: tunnel.id });
  }

  /** The stack ends when the first boot has: what comes after it needs Docker there. */
  #waitForHost(firewall: Firewall, { sshPort, sshKeyFile }: EdgeStackProps): void {
    new DataResource(this, "ready", {
      triggersReplace: { host: this.host },
      provisioners: [run("wait-for-host", engineAt(this.host, sshPort, sshKeyFile), { timeout: "600" })],
      dependsOn: [firewall.rules],
    });
  }
}
