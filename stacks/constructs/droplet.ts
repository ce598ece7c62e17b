/** The machine that runs the containers, and what it keeps. */
import { Droplet as DropletResource } from "@cdktf/provider-digitalocean/lib/droplet/index.js";
import { ReservedIpAssignment } from "@cdktf/provider-digitalocean/lib/reserved-ip-assignment/index.js";
import { ReservedIp } from "@cdktf/provider-digitalocean/lib/reserved-ip/index.js";
import { SshKey } from "@cdktf/provider-digitalocean/lib/ssh-key/index.js";
import { Volume } from "@cdktf/provider-digitalocean/lib/volume/index.js";
import { type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { render } from "../../templates/render.ts";
import { adoptSshKey } from "./ssh-key-adoption.ts";

export interface DropletProps {
  /** What the droplet, its key and its volume are called: a DNS label. */
  readonly name: string;
  /** As in "fra1". */
  readonly region: string;
  /** As in "s-1vcpu-2gb". */
  readonly size: string;
  /** Debian 12 or Ubuntu 24.04. */
  readonly image: string;
  /** Who may log in as root. */
  readonly sshPublicKey: string;
  /** The port that SSH listens on from the first boot. */
  readonly sshPort: number;
  /** GiB for the services' data. It can grow, and never shrink. */
  readonly volumeSize: number;
  /** Whether it has an address that a replacement keeps. */
  readonly reservedIp: boolean;
  /** Whether an SSH key that the account has already becomes ours. */
  readonly adopt: boolean;
  /** What is created before the droplet, and destroyed after it. */
  readonly after: ITerraformDependable[];
}

/**
 * A droplet that is never replaced by the way. Its key, its image and its first boot are for a new one and change nothing
 * here; another region is refused. Not `prevent_destroy`: that stands in the way of a destroy too, and names no way out.
 *
 * To replace it, which the volume with the data (and in direct mode the address) outlives:
 * `npx cdktf synth && terraform -chdir=cdktf.out/stacks/edge apply -replace=digitalocean_droplet.droplet`,
 * then `ssh-keygen -R <address> -f .gangway/known_hosts` and `npx cdktf deploy services`.
 * @example new Droplet(this, "droplet", { name: "gangway", region: "fra1", size: "s-1vcpu-2gb", ... });
 */
export class Droplet extends Construct {
  /** The public address. */
  readonly ipv4: string;
  /** The droplet's own number. */
  readonly dropletId: number;
  /** Done when `ipv4` leads to it. */
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
      lifecycle: { ignoreChanges: ["region", "initial_filesystem_type"] }, // they would replace it, with the data on it
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
      resizeDisk: false, // a disk that has grown cannot shrink: of a size, only CPU and memory
      sshKeys: [key.fingerprint],
      userData: render("cloud-init/user-data.yaml", { sshPort, device }),
      volumeIds: [volume.id], // there at the first boot, which mounts it
      gracefulShutdown: true,
      dependsOn: after,
      lifecycle: {
        ignoreChanges: ["user_data", "ssh_keys", "image", "region"],
        postcondition: [staysIn(region)],
      },
    });
    droplet.overrideLogicalId("droplet"); // the address that one types to replace it
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
    `The droplet stands in \${self.region} and cannot move to ${region}, nor can its volume: set the region back to ` +
    "${self.region}, or, to begin anew elsewhere without the data, destroy the stacks services and edge and deploy them.",
});
