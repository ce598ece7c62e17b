/** Labels everything that a stack has on a Docker engine with the deployment that it belongs to. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Network } from "@cdktf/provider-docker/lib/network/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { Aspects, type IAspect, type TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { DEPLOYMENT_LABEL } from "./labels.ts";

/**
 * Adds the label to every container, network and volume of the stack, so that no construct has to, and none can forget it. Networks
 * and volumes that were there before keep what they have: another label would replace them under the containers that use them.
 */
export function labelDeployment(stack: TerraformStack, deployment: string): void {
  Aspects.of(stack).add(new Labelling(deployment));
}

class Labelling implements IAspect {
  readonly #label: { readonly label: string; readonly value: string };

  constructor(value: string) {
    this.#label = { label: DEPLOYMENT_LABEL, value };
  }

  visit(node: IConstruct): void {
    if (node instanceof Container) node.putLabels([...labelsOf(node), this.#label]);
    if (node instanceof Network || node instanceof Volume) {
      node.putLabels([this.#label]);
      node.lifecycle = { ...node.lifecycle, ignoreChanges: withLabels(node.lifecycle?.ignoreChanges) };
    }
  }
}

/** What a construct ignores already, as the name of a volume that is new for each release, goes on being ignored. */
function withLabels(ignored: "all" | readonly string[] = []): "all" | string[] {
  return ignored === "all" ? ignored : [...new Set([...ignored, "labels"])];
}

function labelsOf({ labelsInput: labels }: Container): readonly { label: string; value: string }[] {
  return Array.isArray(labels) ? labels : [];
}
