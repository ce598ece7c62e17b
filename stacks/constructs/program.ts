/** Runs our programs while Terraform applies. */
import type { LocalExecProvisioner } from "cdktf";
import type { Engine } from "./engine.ts";

/** Relative to cdktf.out/stacks/<stack>, where Terraform runs, so that it is the same on every machine. */
const PROVISION = "../../../stacks/provision";

/**
 * A provisioner that runs a program of stacks/provision for an engine. Terraform keeps its arguments in the state, so pass no
 * secrets.
 * @param args values that need no quoting
 */
export function run(
  program: "gate" | "secrets" | "wait-for-host",
  { environment }: Engine,
  args: Readonly<Record<string, string>>,
): LocalExecProvisioner {
  const words = Object.entries(args).map(([name, value]) => `--${name} ${value}`);
  return { type: "local-exec", command: ["node", `${PROVISION}/${program}.ts`, ...words].join(" "), environment };
}
