/** Settings that containers share. Docker fills in a setting that is missing, and the next plan reports that as a change. */
import type { ContainerConfig } from "@cdktf/provider-docker/lib/container/index.js";
import { DataResource, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";

/** Restarts until somebody stops it, with a bounded log. */
export const longRunning = {
  restart: "unless-stopped",
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
} satisfies Partial<ContainerConfig>;

/** The user of our images: `node` of the base. */
export const IMAGE_USER = 1000;

/** The folder of that user. */
export const HOME = "/home/node";

/** A memory limit in MB, without swap. */
export const memory = (limit: number) => ({ memory: limit, memorySwap: limit });

/**
 * The data volumes of a service. Docker creates them on first use, outside Terraform's state, so the data outlives a destroy.
 * @param volumes path in the container to name
 */
export const dataMounts = (volumes: Readonly<Record<string, string>>) =>
  Object.entries(volumes).map(([target, volume]) => ({ type: "volume", target, source: `gangway-${volume}` }));

/** A text of the catalog, without what Terraform would take for an expression. */
export const escaped = (text: string): string => text.replaceAll(/([$%])\{/g, "$1$1{");

/** A container's environment, as NAME=value. */
export const variables = (environment: Readonly<Record<string, string>>): string[] =>
  Object.entries(environment).map(([name, value]) => `${name}=${escaped(value)}`);

/** Leaves a container with next to no rights on its host. */
export const confined = {
  ...longRunning,
  init: true, // reaps a server's orphans
  readOnly: true,
  tmpfs: { "/tmp": "size=64m" },
  securityOpts: ["no-new-privileges:true"],
  capabilities: { drop: ["ALL"] },
} satisfies Partial<ContainerConfig>;

/**
 * Replaces a container when its mounts change. The provider would change them in place, which does nothing.
 * @example lifecycle: { replaceTriggeredBy: [whenMountsChange(this, mounts)] }
 */
export const whenMountsChange = (container: Construct, mounts: readonly object[]): string =>
  whenChanges(container, "mounts", { mounts });

/** Replaces a resource when something else changes, as `whenMountsChange` does. */
export const whenChanges = (scope: Construct, id: string, what: object): string =>
  referenceTo(new DataResource(scope, id, { triggersReplace: what }));

/** A resource, for `replaceTriggeredBy`: Terraform refuses a template there, such as its fqn. */
export const referenceTo = ({ terraformResourceType, friendlyUniqueId }: TerraformResource): string =>
  `${terraformResourceType}.${friendlyUniqueId}`;
