/** What cloud-init does at the first boot of a droplet (Debian 12 or Ubuntu 24.04): the steps, one after the other. */
import { scriptOf, type Step } from "./step.ts";

/** A cloud-config. It runs once, so a change only reaches the next droplet. */
export function userData(steps: readonly Step[]): string {
  const commands = steps.map((step) => `  # ${step.what}\n  - |\n${indented(scriptOf(step))}`);
  return [
    "#cloud-config",
    "ssh_pwauth: false",
    "runcmd:",
    "  # A failed step fails the boot: `cloud-init status` reports it, and the deploy stops.",
    "  - set -e",
    ...commands,
    "",
  ].join("\n");
}

const indented = (text: string) => text.replaceAll(/^(?=.)/gm, "    ");
