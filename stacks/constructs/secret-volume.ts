/** The secrets of one container, as files in a volume that the container mounts read-only. */
import type { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { DataResource, TerraformStack, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Engine } from "./engine.ts";
import { run } from "./program.ts";

/** The folder of the secrets in a container. Each secret is a file, named like its variable. */
export const SECRETS = "/run/gangway";

export interface SecretVolumeProps {
  /** The name of a service in the catalog, or of the container. */
  readonly service: string;
  readonly engine: Engine;
  /** Names of the secrets. Their values are read during the apply, and never enter Terraform's plan or state. */
  readonly names: readonly string[];
  /** Changes when the value of a secret does, without revealing it. */
  readonly version: string;
  /**
   * The id of the only user that may read the files.
   * @default - every user in the container, because an app's image chooses its user
   */
  readonly owner?: number;
  /** An image with a shell, which writes the files. */
  readonly writer: Image;
  /** The tunnel whose token to fetch from Cloudflare when CF_TUNNEL_TOKEN is not set. */
  readonly tunnelId?: string;
}

/**
 * There is a volume for each version of the values. A running release keeps the values that it started with, and a changed
 * secret replaces only the containers that use it.
 * @example new SecretVolume(this, "secrets", { service: "coda", names: ["CODA_API_TOKEN"], version, owner, writer, engine });
 */
export class SecretVolume extends Construct {
  readonly mount: {
    readonly type: string;
    readonly target: string;
    readonly source: string;
    readonly readOnly: boolean;
  };
  /** Depend on this to wait until the files are written. */
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
