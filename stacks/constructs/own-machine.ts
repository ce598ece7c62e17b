/** A machine that exists, in place of a droplet. */
import { createHash } from "node:crypto";
import { DataResource } from "cdktf";
import { Construct } from "constructs";
import { type MachineAddress, shownMachine } from "../machine/address.ts";
import { machineSteps, PREPARED } from "../machine/first-boot.ts";
import { run } from "./program.ts";

export interface OwnMachineProps {
  readonly machine: MachineAddress;
  /** Whether the machine's ports 80 and 443 are to be ours. */
  readonly direct: boolean;
}

/**
 * Brings the machine to where a droplet is after its first boot, and leaves it alone on destroy. Terraform does not look at the
 * machine: `gangway plan` and `gangway deploy` do, and have `terraform_data.machine` replaced when something is missing there.
 * @example new OwnMachine(this, "own-machine", { machine: { user: "root", host: "203.0.113.5" }, direct: false });
 */
export class OwnMachine extends Construct {
  /** Where it is, known when its Docker answers. */
  readonly address: string;
  /** What a DNS record points at in direct mode. */
  readonly ipv4: string;

  constructor(scope: Construct, id: string, props: OwnMachineProps) {
    super(scope, id);
    const { machine } = props;
    this.#leave(machine);
    this.ipv4 = machine.host;
    this.address = this.#prepare(props).getStringAttribute("output.host");
  }

  /** It is replaced, and so prepared again, when our steps change, too. */
  #prepare({ machine, direct }: OwnMachineProps): DataResource {
    const [server, exposure] = [shownMachine(machine), direct ? "direct" : "tunnel"];
    const prepared = new DataResource(this, "prepared", {
      triggersReplace: { server, exposure, steps: STEPS },
      input: { host: machine.host.includes(":") ? `[${machine.host}]` : machine.host },
      provisioners: [run("prepare-machine", { environment: {} }, { server, exposure })],
    });
    prepared.overrideLogicalId(PREPARED);
    return prepared;
  }

  /** Says so when the machine is no longer ours to use. */
  #leave(machine: MachineAddress): void {
    const left = new DataResource(this, "left", {
      triggersReplace: { server: shownMachine(machine) },
      provisioners: [{ type: "local-exec", when: "destroy", command: `echo "${LEFT}"` }],
    });
    left.overrideLogicalId("left");
  }
}

const LEFT =
  "${self.triggers_replace.server} is left as it is: Docker, its images and the volumes with the data of the services stay on it";

const STEPS = createHash("sha256")
  .update(JSON.stringify(machineSteps("user")))
  .digest("hex")
  .slice(0, 16);
