/** What a deploy needs of this machine, asked before Terraform runs. */
import { $ } from "zx";

/** What is run: Terraform, or OpenTofu when it is asked for. */
export const terraform = process.env["TERRAFORM_BINARY_NAME"] ?? "terraform";

/** @throws Error when there is no Terraform (or OpenTofu, when that was asked for) */
export async function needsTerraform(): Promise<void> {
  const { exitCode } = await $({ nothrow: true, quiet: true })`${terraform} version`;
  if (exitCode === 0) return;
  throw new Error(
    `${terraform} cannot be run, expected Terraform 1.11 or newer on the PATH (https://developer.hashicorp.com/terraform/install), ` +
      `or OpenTofu with TERRAFORM_BINARY_NAME=tofu`,
  );
}

/** @throws Error when no Docker engine answers */
export async function needsDocker(): Promise<void> {
  const { exitCode, stderr } = await $({
    nothrow: true,
    quiet: true,
  })`docker version --format ${"{{.Server.Version}}"}`;
  if (exitCode === 0) return;
  const [reason = "docker cannot be run"] = stderr.trim().split("\n").slice(-1);
  throw new Error(`Docker does not answer (${reason}): start it, or set DOCKER_HOST to the engine that is meant`);
}
