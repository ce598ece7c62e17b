/** What a deploy needs on this machine, checked before Terraform runs. */
import { terraform } from "../../stacks/terraform.ts";
import { run } from "../kit/run.ts";

/** The oldest versions (1.<minor>) that can lock a state in a bucket. */
const MINOR = { Terraform: 11, OpenTofu: 10 } as const;

const INSTALL = {
  Terraform: "https://developer.hashicorp.com/terraform/install",
  OpenTofu: "https://opentofu.org/docs/intro/install",
} as const;

/** @throws Error when Terraform (or OpenTofu, if that was asked for) is missing or too old */
export async function needsTerraform(): Promise<void> {
  const version = await versionOf(terraform);
  if (version === undefined) throw new Error(await whatToInstall());
  const [, name, minor] = /^(Terraform|OpenTofu) v1\.(\d+)/m.exec(version) ?? [];
  if (name !== "Terraform" && name !== "OpenTofu") return; // another program of this kind: whoever named it is responsible
  if (Number(minor) >= MINOR[name]) return;
  throw new Error(
    `${terraform} is ${name} 1.${minor}, expected 1.${MINOR[name]} or newer: install it from ${INSTALL[name]}`,
  );
}

/** What a program prints about its version; undefined when it cannot be run. */
async function versionOf(program: string): Promise<string | undefined> {
  const { code, stdout } = await run([program, "version"]);
  return code === 0 ? stdout : undefined;
}

async function whatToInstall(): Promise<string> {
  if (terraform !== "terraform")
    return `${terraform}, which TERRAFORM_BINARY_NAME names, cannot be run: put it on the PATH, or unset the variable to use Terraform`;
  const expected = `expected Terraform 1.${MINOR.Terraform} or newer on the PATH (${INSTALL.Terraform})`;
  const another =
    (await versionOf("tofu")) === undefined
      ? `or OpenTofu 1.${MINOR.OpenTofu} or newer (${INSTALL.OpenTofu}) with TERRAFORM_BINARY_NAME=tofu`
      : "or, since OpenTofu is here: export TERRAFORM_BINARY_NAME=tofu";
  return `terraform cannot be run, ${expected}, ${another}`;
}

/** @throws Error when no Docker engine answers */
export async function needsDocker(): Promise<void> {
  const { code, stderr } = await run(["docker", "version", "--format", "{{.Server.Version}}"]);
  if (code === 0) return;
  const [reason = "docker cannot be run"] = stderr.trim().split("\n").slice(-1);
  throw new Error(`Docker does not answer (${reason}): start it, or point DOCKER_HOST at the right engine`);
}
