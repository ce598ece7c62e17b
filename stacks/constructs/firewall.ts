/** Who may reach the machine from outside. */
import { Firewall as Rules } from "@cdktf/provider-digitalocean/lib/firewall/index.js";
import { Token } from "cdktf";
import { Construct } from "constructs";
import type { Droplet } from "./droplet.ts";

export interface FirewallProps {
  readonly droplet: Droplet;
  readonly sshPort: number;
  /** Who may reach SSH, as CIDR ranges. @default - everybody, with a key */
  readonly sshFrom: readonly string[];
  /** Whether the web's ports are open: not behind a tunnel. */
  readonly web: boolean;
}

const everybody = ["0.0.0.0/0", "::/0"];

/** @example new Firewall(this, "firewall", { droplet, sshPort: 22, sshFrom: [], web: false }); */
export class Firewall extends Construct {
  readonly rules: Rules;

  constructor(scope: Construct, id: string, { droplet, sshPort, sshFrom, web }: FirewallProps) {
    super(scope, id);
    const ssh = {
      protocol: "tcp",
      portRange: String(sshPort),
      sourceAddresses: sshFrom.length > 0 ? [...sshFrom] : everybody,
    };
    const open = (web ? ["80", "443"] : []).map((portRange) => ({
      protocol: "tcp",
      portRange,
      sourceAddresses: everybody,
    }));
    this.rules = new Rules(this, "rules", {
      name: "gangway",
      dropletIds: [Token.asNumber(droplet.machine.id)],
      inboundRule: [ssh, ...open],
      outboundRule: [
        { protocol: "tcp", portRange: "1-65535", destinationAddresses: everybody },
        { protocol: "udp", portRange: "1-65535", destinationAddresses: everybody },
        { protocol: "icmp", destinationAddresses: everybody },
      ],
    });
  }
}
