/** DigitalOcean's firewall in front of the droplet. */
import { Firewall as FirewallResource } from "@cdktf/provider-digitalocean/lib/firewall/index.js";
import { Construct } from "constructs";
import type { Droplet } from "./droplet.ts";

export interface FirewallProps {
  readonly name: string;
  readonly droplet: Droplet;
  readonly sshPort: number;
  /**
   * The networks that SSH is allowed from, as CIDRs.
   * @default - everywhere, as with an empty list; sshd accepts keys only
   */
  readonly sshFrom?: readonly string[] | undefined;
  /** The networks that HTTP and HTTPS are allowed from, as CIDRs. @default - none: a tunnel needs neither */
  readonly webFrom?: readonly string[] | undefined;
}

/**
 * Lets SSH in, in direct mode also HTTP and HTTPS from where the DNS records lead, and everything out.
 * @example new Firewall(this, "firewall", { name: "gangway", droplet, sshPort: 22 });
 */
export class Firewall extends Construct {
  readonly resource: FirewallResource;

  constructor(scope: Construct, id: string, { name, droplet, sshPort, sshFrom = [], webFrom }: FirewallProps) {
    super(scope, id);
    this.resource = new FirewallResource(this, "firewall", {
      name,
      dropletIds: [droplet.dropletId],
      inboundRule: [
        tcp(sshPort, sshFrom.length > 0 ? sshFrom : EVERYWHERE),
        ...(webFrom ? [tcp(80, webFrom), tcp(443, webFrom)] : []),
      ],
      outboundRule: [
        { protocol: "tcp", portRange: "all", destinationAddresses: EVERYWHERE },
        { protocol: "udp", portRange: "all", destinationAddresses: EVERYWHERE },
        { protocol: "icmp", destinationAddresses: EVERYWHERE },
      ],
    });
  }
}

const EVERYWHERE = ["0.0.0.0/0", "::/0"];

const tcp = (port: number, from: readonly string[]) => ({
  protocol: "tcp",
  portRange: String(port),
  sourceAddresses: [...from],
});
