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
  /** Whether to open HTTP and HTTPS. A tunnel needs neither. */
  readonly web: boolean;
}

/**
 * Lets SSH in, in direct mode also HTTP and HTTPS, and everything out.
 * @example new Firewall(this, "firewall", { name: "gangway", droplet, sshPort: 22, web: false });
 */
export class Firewall extends Construct {
  readonly resource: FirewallResource;

  constructor(scope: Construct, id: string, { name, droplet, sshPort, sshFrom = [], web }: FirewallProps) {
    super(scope, id);
    this.resource = new FirewallResource(this, "firewall", {
      name,
      dropletIds: [droplet.dropletId],
      inboundRule: [
        tcp(sshPort, sshFrom.length > 0 ? sshFrom : EVERYWHERE),
        ...(web ? [tcp(80, EVERYWHERE), tcp(443, EVERYWHERE)] : []),
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
