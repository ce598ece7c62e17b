/** The secrets of one container, as files in a volume that it mounts read-only. */
import type { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { DataResource, TerraformStack, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Engine } from "./engine.ts";
import { run } from "./program.ts";

/** Where a container finds its secrets: a file each, named like the variable. */
export const SECRETS = "/run/gangway";

export interface SecretVolumeProps {
  /** A service of the catalog, or the container that is meant. */
  readonly service: string;
  readonly engine: Engine;
  /** Names of the secrets. Their values are read when Terraform applies, and reach neither its plan nor its state. */
  readonly names: readonly string[];
  /** Changes when one of their values does, and tells nothing of them. */
  readonly version: string;
  /**
   * The number of the user that alone may read them.
   * @default - whoever is in the container: which user an app has is its image's business
   */
  readonly owner?: number;
  /** Has a shell, with which they are written. */
  readonly writer: Image;
  /** The tunnel whose token Cloudflare is asked for when CF_TUNNEL_TOKEN is not set. */
  readonly tunnelId?: string;
}

/**
 * A volume for each version of the values: a release that runs keeps those that it began with, and a change of one
 * secret replaces only who uses it.
 * @example new SecretVolume(this, "secrets", { service: "coda", names: ["CODA_API_TOKEN"], version, owner, writer, engine });
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

  constructor(scope: Construct, id: string, props: SecretVolumeProps) {
    super(scope, id);
    const { service, engine, names, version, owner, writer, tunnelId } = props;
    const volume = new Volume(this, "volume", {
      name: `gangway-${service}-secrets-${version}`,
      lifecycle: { createBeforeDestroy: true },
    });
    const words = {
      stack: TerraformStack.of(this).node.id,
      service,
      volume: volume.name,
      image: writer.name,
      names: names.join(","),
      ...(owner !== undefined && { owner: String(owner) }),
      ...(tunnelId !== undefined && { tunnel: tunnelId }),
    };
    this.written = new DataResource(this, "written", {
      triggersReplace: { volume: volume.id },
      provisioners: [run("secrets", engine, words)],
      lifecycle: { createBeforeDestroy: true },
      dependsOn: [writer],
    });
    this.mount = { type: "volume", target: SECRETS, source: volume.name, readOnly: true };
  }
}
