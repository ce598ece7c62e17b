/** Programs of ours that Terraform runs while it applies. */
import type { LocalExecProvisioner } from "cdktf";
import type { Engine } from "./engine.ts";

/** Terraform runs in cdktf.out/stacks/<stack>; a path from there is the same on every machine. */
const PROVISION = "../../../stacks/provision";

/**
 * Runs a program of stacks/provision on an engine's behalf. What it is told is in the state: no secrets.
 * @param args words that need no quoting
 */
export function run(
  program: "gate" | "secrets" | "wait-for-host",
  { environment }: Engine,
  args: Readonly<Record<string, string>>,
): LocalExecProvisioner {
  const words = Object.entries(args).map(([name, value]) => `--${name} ${value}`);
  return { type: "local-exec", command: ["node", `${PROVISION}/${program}.ts`, ...words].join(" "), environment };
}
