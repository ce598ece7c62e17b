/** Checks that this machine's Docker has no deployment of another project: both would use the same names. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "../../stacks/project.ts";
import { run } from "../kit/run.ts";

/** @throws Error with the containers of the other deployment, and what to do */
export async function needsOwnEngine(): Promise<void> {
  if (hasDeployed()) return;
  const { stdout } = await run(["docker", "ps", "--filter", "network=proxy", "--format", "{{.Names}}"]);
  const names = stdout.split("\n").filter(Boolean).toSorted();
  if (names.length === 0) return;
  throw new Error(
    `this machine's Docker has a deployment that this project did not make (${names.join(", ")}), and one engine has room for one. ` +
      "Destroy it from the folder of its project (npx cdktf destroy local) and deploy again, or add these services to that project",
  );
}

/** Whether the stack local of this project has its networks: then what is on them is ours. */
export function hasDeployed(state: string = join(place.gangway, "state", "local.tfstate")): boolean {
  try {
    const { resources } = JSON.parse(readFileSync(state, "utf8")) as {
      resources: readonly { readonly type: string }[];
    };
    return resources.some(({ type }) => type === "docker_network");
  } catch {
    return false; // no state yet, or none that can be read, which Terraform explains
  }
}
