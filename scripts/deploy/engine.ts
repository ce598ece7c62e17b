/** Checks that this machine's Docker has no deployment of another project: both would use the same names. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEPLOYMENT_LABEL, SERVICE_LABEL } from "../../stacks/constructs/labels.ts";
import { keptDeployment } from "../../stacks/deployment.ts";
import { place } from "../../stacks/project.ts";
import { run } from "../kit/run.ts";

/** @throws Error with the containers of the other deployment, and what to do */
export async function needsOwnEngine(): Promise<void> {
  const format = `{{.Names}}\t{{.Label "${DEPLOYMENT_LABEL}"}}`;
  const filters = [SERVICE_LABEL, DEPLOYMENT_LABEL].map((label) =>
    run(["docker", "ps", "--all", "--filter", `label=${label}`, "--format", format]),
  );
  const lines = (await Promise.all(filters)).flatMap(({ stdout }) => stdout.split("\n")).filter((line) => line !== "");
  const problem = otherDeployment(lines, keptDeployment(), hasDeployed());
  if (problem !== undefined) throw new Error(problem);
}

/**
 * What is wrong where an engine has the containers of another deployment.
 * @param lines a name and a deployment each, with a tab in between; releases before there were deployments have none
 * @param own what this project's deployment is called
 * @param hasState whether this project has deployed: then what has no label is ours
 */
export function otherDeployment(
  lines: readonly string[],
  own: string | undefined,
  hasState: boolean,
): string | undefined {
  const containers = [...new Set(lines)].map((line) => line.split("\t"));
  const others = containers.filter(([, of = ""]) => (of === "" ? !hasState : of !== own));
  if (others.length === 0) return undefined;
  const names = others.map(([name = ""]) => name).toSorted();
  const [of] = others.flatMap(([, of]) => (of ? [of] : []));
  const filter = of === undefined ? SERVICE_LABEL : `${DEPLOYMENT_LABEL}=${of}`;
  return (
    `this machine's Docker has a deployment that this project did not make (${names.join(", ")}), and one engine has room for one. ` +
    "Destroy it from the folder of its project (npx gangway destroy local) and deploy again, or add these services to that project. " +
    `Only if that folder is gone: docker rm -f $(docker ps -aq --filter label=${filter})`
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
