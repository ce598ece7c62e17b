/** The machine that runs the containers, with its volume, its SSH key and its address. */
import { Droplet as DropletResource } from "@cdktf/provider-digitalocean/lib/droplet/index.js";
import { ReservedIpAssignment } from "@cdktf/provider-digitalocean/lib/reserved-ip-assignment/index.js";
import { ReservedIp } from "@cdktf/provider-digitalocean/lib/reserved-ip/index.js";
import { SshKey } from "@cdktf/provider-digitalocean/lib/ssh-key/index.js";
import { Volume } from "@cdktf/provider-digitalocean/lib/volume/index.js";
import { type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { dropletSteps } from "../machine/first-boot.ts";
import { userData } from "../machine/user-data.ts";
import { adoptSshKey } from "./ssh-key-adoption.ts";

export interface DropletProps {
  /** The name of the droplet, its key and its volume: a DNS label. */
  readonly name: string;
  /** A region of DigitalOcean, as in "fra1". */
  readonly region: string;
  /** A droplet size of DigitalOcean, as in "s-1vcpu-2gb". */
  readonly size: string;
  /** An image of Debian 12 or Ubuntu 24.04, as in "debian-12-x64". */
  readonly image: string;
  /** The key that may log in as root: one line, as in a .pub file. */
  readonly sshPublicKey: string;
  /** The port that SSH listens on from the first boot. */
  readonly sshPort: number;
  /** Size of the data volume in GiB. It can grow, but never shrink. */
  readonly volumeSize: number;
  /** Whether to use a reserved IP, which outlives a replacement of the droplet. */
  readonly reservedIp: boolean;
  /** Whether to take over the SSH key if the account already has it. */
  readonly adopt: boolean;
  /** Resources that must be created before the droplet, and destroyed after it. */
  readonly after: ITerraformDependable[];
}

/**
 * A droplet that no other change replaces. A new key, image or first boot applies to the next droplet only, and another region
 * is refused. It does not use `prevent_destroy`, which would also block a destroy, without saying what to do.
 *
 * To replace the droplet and keep the volume with the data (in direct mode also the address):
 * `npx cdktf synth && terraform -chdir=cdktf.out/stacks/edge apply -replace=digitalocean_droplet.droplet`,
 * then `ssh-keygen -R <address> -f .gangway/known_hosts` and `npx cdktf deploy services`.
 * @example new Droplet(this, "droplet", { name: "gangway", region: "fra1", size: "s-1vcpu-2gb", ... });
 */
export class Droplet extends Construct {
  /** The public address. */
  readonly ipv4: string;
  /** DigitalOcean's number for the droplet. */
  readonly dropletId: number;
  /** Depend on this to wait until `ipv4` leads to the droplet. */
  readonly reachable: ITerraformDependable;

  constructor(scope: Construct, id: string, props: DropletProps) {
    super(scope, id);
    const volume = this.#volume(props);
    const droplet = this.#droplet(props, this.#key(props), volume);
    this.dropletId = Token.asNumber(droplet.id);
    const address = props.reservedIp ? this.#reservedIp(props.region) : undefined;
    this.ipv4 = address?.ipAddress ?? droplet.ipv4Address;
    this.reachable = address ? this.#assign(address) : droplet;
  }

  #volume({ name, region, volumeSize: size }: DropletProps): Volume {
    return new Volume(this, "volume", {
      name,
      region,
      size,
      initialFilesystemType: "ext4",
      lifecycle: { ignoreChanges: ["region", "initial_filesystem_type"] }, // a change would replace the volume and lose the data
    });
  }

  #key({ name, sshPublicKey: publicKey, adopt }: DropletProps): SshKey {
    const key = new SshKey(this, "key", { name, publicKey: publicKey.trim() });
    if (adopt) adoptSshKey(this, key, publicKey.trim());
    return key;
  }

  #droplet({ name, region, size, image, sshPort, after }: DropletProps, key: SshKey, volume: Volume): DropletResource {
    const device = `/dev/disk/by-id/scsi-0DO_Volume_${name}`;
    const droplet = new DropletResource(this, "droplet", {
      name,
      region,
      size,
      image,
      resizeDisk: false, // change CPU and memory only: a disk that has grown cannot shrink again
      sshKeys: [key.fingerprint],
      userData: userData(dropletSteps({ sshPort, device })),
      volumeIds: [volume.id], // attached from the start, because the first boot mounts it
      gracefulShutdown: true,
      dependsOn: after,
      lifecycle: {
        ignoreChanges: ["user_data", "ssh_keys", "image", "region"],
        postcondition: [staysIn(region)],
      },
    });
    droplet.overrideLogicalId("droplet"); // a stable name to type after -replace=
    return droplet;
  }

  #reservedIp(region: string): ReservedIp {
    return new ReservedIp(this, "address", { region, lifecycle: { ignoreChanges: ["region"] } });
  }

  #assign({ ipAddress }: ReservedIp): ReservedIpAssignment {
    return new ReservedIpAssignment(this, "address-assignment", { ipAddress, dropletId: this.dropletId });
  }
}

const staysIn = (region: string) => ({
  condition: `\${self.region == "${region}"}`,
  errorMessage:
    `The droplet is in \${self.region} and cannot move to ${region}, and neither can its volume. Set the region back to ` +
    "${self.region}, or start over without the data: destroy the stacks services and edge, then deploy them again.",
});
