/** The steps of the first boot: of a new droplet, by cloud-init, and of a machine that exists, over SSH. */
import { admitToDocker, daemonOfDroplet, daemonOfMachine, installDocker, runDocker } from "./docker-steps.ts";
import { userLimits } from "./kernel-steps.ts";
import { sshdOfDroplet, sshdOfMachine } from "./sshd-steps.ts";
import { fileStep, type Step } from "./step.ts";
import { volumeSteps } from "./volume-steps.ts";

export interface DropletBoot {
  /** The port of SSH from then on. */
  readonly sshPort: number;
  /** The block device of the data volume. */
  readonly device: string;
}

/** A droplet is ours alone. Docker comes last, so a Docker that answers means that every step before it worked. */
export const dropletSteps = ({ sshPort, device }: DropletBoot): readonly Step[] => [
  sshdOfDroplet(sshPort),
  fileStep("upgrade what is insecure every night", "/etc/apt/apt.conf.d/20auto-upgrades", UPGRADES),
  userLimits,
  daemonOfDroplet,
  ...volumeSteps(device),
  installDocker(["unattended-upgrades"]),
];

/**
 * A machine that exists is its owner's: who may log in, upgrades, the firewall, the disks and a Docker that is there stay as they
 * are.
 * @param user who logs in; undefined for root
 */
export const machineSteps = (user: string | undefined): readonly Step[] => [
  sshdOfMachine,
  daemonOfMachine,
  installDocker(),
  runDocker,
  ...(user === undefined ? [] : [admitToDocker(user)]),
];

/** The resource of Terraform that has a machine's steps done when it is created: `terraform_data.machine`. */
export const PREPARED = "machine";

const UPGRADES = 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n';
