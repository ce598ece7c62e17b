/** The authorization server of a deployment, where callers of its services log in. */
import type { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { DataResource, type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { AUTH_SERVER } from "../catalog/containers.ts";
import { STATE } from "../images/server-image.ts";
import { RESOURCES } from "../logins.ts";
import { AUTH_PORT } from "../settings/auth.ts";
import type { BuiltImage } from "./built-image.ts";
import { dataMounts, IMAGE_USER } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import type { Networks } from "./networks.ts";
import { run } from "./program.ts";
import { addRelease } from "./release.ts";
import type { SecretVolume } from "./secret-volume.ts";

export interface AuthServerProps {
  readonly image: BuiltImage;
  readonly engine: Engine;
  readonly networks: Networks;
  /** The environment, without the values of secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** The volume with its secret at another provider. @default - people have accounts of its own alone */
  readonly secret?: SecretVolume | undefined;
  /** Changes when what it knows of the services does, without revealing it. */
  readonly resourcesVersion: string;
  /** An image with a shell, which writes what it knows of them. */
  readonly writer: Image;
}

/** Where it finds what it knows of the services, in a volume that is written anew while it runs. */
const KNOWN = "/run/resources";

/** The file with the services, in its container. */
export const RESOURCES_FILE = `${KNOWN}/${RESOURCES}`;

/** MB: a password is checked with 64 of them. */
const MEMORY = 256;

/** Limit of processes and threads: it is one process. */
const PROCESSES = 256;

/** Seconds that it has to become ready. */
const START_TIMEOUT = 60;

/**
 * It is on the network of the gateways, which ask it about tokens; the proxy is on that one, too. A new release runs beside the old
 * one, with the same file of grants, so that a login that one of them has begun goes on at the other. Which services there are
 * is a file in a volume: a service that is added restarts nothing.
 * @example new AuthServer(this, "auth", { image, engine, networks, environment, resourcesVersion, writer });
 */
export class AuthServer extends Construct {
  /** Depend on this to wait until it has been told of the services. */
  readonly knowsServices: ITerraformDependable;

  constructor(scope: Construct, id: string, props: AuthServerProps) {
    super(scope, id);
    const { image, engine, networks, environment, secret } = props;
    const volume = new Volume(this, "resources", { name: `gangway-${AUTH_SERVER}-resources` });
    this.knowsServices = this.#written(volume, props);
    addRelease(this, {
      service: AUTH_SERVER,
      part: "auth",
      stable: AUTH_SERVER,
      image,
      engine,
      networks: [networks.syncbricks.name],
      environment,
      mounts: [
        ...(secret ? [secret.mount] : []),
        { type: "volume", target: KNOWN, source: volume.name, readOnly: true },
        ...dataMounts({ [STATE]: `${AUTH_SERVER}-state` }),
      ],
      memory: MEMORY,
      port: AUTH_PORT,
      hasReady: false,
      processes: PROCESSES,
      timeout: START_TIMEOUT,
      grace: 0,
      after: [this.knowsServices, ...(secret ? [secret.written] : [])],
    });
  }

  /** Writes the file again whenever the services change: they have digests in it, which no state needs to have. */
  #written(volume: Volume, { engine, resourcesVersion, writer }: AuthServerProps): DataResource {
    const words = {
      stack: TerraformStack.of(this).node.id,
      service: AUTH_SERVER,
      volume: volume.name,
      image: writer.name,
      names: RESOURCES,
      owner: String(IMAGE_USER),
    };
    return new DataResource(this, "written", {
      triggersReplace: { volume: volume.id, resources: resourcesVersion },
      provisioners: [run("secrets", engine, words)],
      lifecycle: { createBeforeDestroy: true },
      dependsOn: [writer],
    });
  }
}
