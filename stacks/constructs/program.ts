/** Runs our programs while Terraform applies. */
import { join, relative } from "node:path";
import type { LocalExecProvisioner } from "cdktf";
import { project } from "../project.ts";
import { program } from "../shipped.ts";
import type { Engine } from "./engine.ts";

/** Relative to cdktf.out/stacks/<stack>, where Terraform runs, so that it is the same on every machine. */
const fromTerraform = (file: string) =>
  relative(join(project, "cdktf.out", "stacks", "any"), file).replaceAll("\\", "/");

/**
 * A provisioner that runs a program of stacks/provision for an engine. Terraform keeps its arguments in the state, so pass no
 * secrets.
 * @param args values that need no quoting
 */
export function run(
  name: "gate" | "limit" | "secrets" | "wait-for-host" | "prepare-machine",
  { environment }: Pick<Engine, "environment">,
  args: Readonly<Record<string, string>>,
): LocalExecProvisioner {
  const words = Object.entries(args).map(([option, value]) => `--${option} ${value}`);
  return {
    type: "local-exec",
    command: ["node", fromTerraform(program(`stacks/provision/${name}`)), ...words].join(" "),
    environment,
  };
}
