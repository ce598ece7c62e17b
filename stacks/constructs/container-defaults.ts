/** What every container has in common. What is left unsaid, Docker fills in, and the next plan calls that a change. */
import type { ContainerConfig } from "@cdktf/provider-docker/lib/container/index.js";
import { DataResource } from "cdktf";
import type { Construct } from "constructs";

/** Restarted until somebody stops it; its log is bounded. */
export const lasting = {
  restart: "unless-stopped",
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
} satisfies Partial<ContainerConfig>;

/** Memory in MB, with no swap beside it. */
export const memory = (limit: number) => ({ memory: limit, memorySwap: limit });

/**
 * The volumes of a service: path in the container to name. Docker makes one at its first use, and Terraform knows nothing of it:
 * what is in it outlives a destroy.
 */
export const dataMounts = (volumes: Readonly<Record<string, string>>) =>
  Object.entries(volumes).map(([target, volume]) => ({ type: "volume", target, source: `gangway-${volume}` }));

/** A container's environment. What looks like an expression of Terraform's in a text of the catalog is none. */
export const variables = (environment: Readonly<Record<string, string>>): string[] =>
  Object.entries(environment).map(([name, value]) => `${name}=${value.replaceAll(/([$%])\{/g, "$1$1{")}`);

/** What a container of ours may do on its host: next to nothing. */
export const confined = {
  ...lasting,
  init: true, // a server's orphans are reaped
  readOnly: true,
  tmpfs: { "/tmp": "size=64m" },
  securityOpts: ["no-new-privileges:true"],
  capabilities: { drop: ["ALL"] },
} satisfies Partial<ContainerConfig>;

/**
 * What a container is replaced by when its mounts change: for the provider they can be changed while it runs, and nothing happens.
 * @example lifecycle: { replaceTriggeredBy: [whenMountsChange(this, mounts)] }
 */
export function whenMountsChange(container: Construct, mounts: readonly object[]): string {
  const resource = new DataResource(container, "mounts", { triggersReplace: { mounts } });
  return `${resource.terraformResourceType}.${resource.friendlyUniqueId}`; // its fqn would be a template, which is refused here
}
