/** The machine, with a disk of its own for what the services keep. */
import { Droplet as Machine } from "@cdktf/provider-digitalocean/lib/droplet/index.js";
import { ReservedIp } from "@cdktf/provider-digitalocean/lib/reserved-ip/index.js";
import { SshKey } from "@cdktf/provider-digitalocean/lib/ssh-key/index.js";
import { Volume } from "@cdktf/provider-digitalocean/lib/volume/index.js";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { render } from "../../templates/render.ts";

export interface DropletProps {
  readonly region: string;
  readonly size: string;
  readonly sshPublicKey: string;
  /** GiB for the volumes of the services. */
  readonly volumeSize: number;
  /** An address that outlives the machine, for DNS records that name it. */
  readonly reservedAddress: boolean;
  /** Whether a plan that would destroy or replace it, or its disk, is refused. */
  readonly isProtected: boolean;
}

const NAME = "gangway";
const IMAGE = "debian-12-x64";

/**
 * A droplet that is set up once, at its first boot. Later changes of its image, its boot script and its first key are
 * ignored, because each of them would replace it. To replace it on purpose: README.md, "Replace the droplet".
 * @example new Droplet(this, "droplet", { region: "fra1", size: "s-1vcpu-2gb", sshPublicKey, ... });
 */
export class Droplet extends Construct {
  readonly machine: Machine;
  /** Where it is reached. */
  readonly address: string;

  constructor(scope: Construct, id: string, props: DropletProps) {
    super(scope, id);
    const { region, size, isProtected: preventDestroy } = props;
    const key = new SshKey(this, "key", { name: NAME, publicKey: props.sshPublicKey });
    const volume = new Volume(this, "volume", {
      name: `${NAME}-data`,
      region,
      size: props.volumeSize,
      initialFilesystemType: "ext4",
      lifecycle: { preventDestroy },
    });
    this.machine = new Machine(this, "machine", {
      name: NAME,
      region,
      size,
      image: IMAGE,
      sshKeys: [key.fingerprint],
      volumeIds: [volume.id],
      userData: render("cloud-init/droplet.yaml", { volume: `${NAME}-data` }),
      monitoring: true,
      ipv6: true,
      gracefulShutdown: true,
      lifecycle: { preventDestroy, ignoreChanges: ["image", "ssh_keys", "user_data"] },
    });
    this.address = props.reservedAddress ? this.#reserve(region) : this.machine.ipv4Address;
  }

  #reserve(region: string): string {
    const dropletId = Token.asNumber(this.machine.id);
    return new ReservedIp(this, "address", { region, dropletId }).ipAddress;
  }
}
