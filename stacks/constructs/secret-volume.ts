/** The secrets of one service, as files in a volume that its containers mount read-only. */
import type { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { DataResource, TerraformStack, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Engine } from "./engine.ts";
import { run } from "./program.ts";

/** Where a container finds its secrets: a file each, named like the variable. */
export const SECRETS = "/run/gangway";

export interface SecretVolumeProps {
  readonly service: string;
  readonly engine: Engine;
  /** Names of the secrets. Their values are read when Terraform applies, and reach neither its plan nor its state. */
  readonly names: readonly string[];
  /** Changes when one of their values does, and tells nothing of them. */
  readonly version: string;
  /** An image on the host with a shell and the service's user. */
  readonly image: Image;
}

/**
 * A volume for each version of the values: a release that runs keeps those that it began with, and a change of one
 * secret replaces only who uses it.
 * @example new SecretVolume(this, "secrets", { service: "coda", names: ["CODA_API_TOKEN"], version, image, engine });
 */
export class SecretVolume extends Construct {
  readonly mount: {
    readonly type: string;
    readonly target: string;
    readonly source: string;
    readonly readOnly: boolean;
  };
  /** Done when the files are there. */
  readonly written: ITerraformDependable;

  constructor(scope: Construct, id: string, { service, engine, names, version, image }: SecretVolumeProps) {
    super(scope, id);
    const volume = new Volume(this, "volume", {
      name: `gangway-${service}-secrets-${version}`,
      lifecycle: { createBeforeDestroy: true },
    });
    const stack = TerraformStack.of(this).node.id;
    this.written = new DataResource(this, "written", {
      triggersReplace: { volume: volume.id },
      provisioners: [
        run("secrets", engine, { stack, service, volume: volume.name, image: image.name, names: names.join(",") }),
      ],
      lifecycle: { createBeforeDestroy: true },
      dependsOn: [image],
    });
    this.mount = { type: "volume", target: SECRETS, source: volume.name, readOnly: true };
  }
}
