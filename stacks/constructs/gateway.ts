/** The gateway of one service. A new release takes over only when it can serve. */
import type { Image } from "@cdktf/provider-docker/lib/image/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { gatewayName, metricsName } from "../catalog/containers.ts";
import type { Service } from "../catalog/entry.ts";
import { kindOf } from "../catalog/kinds/registry.ts";
import { metricsAt } from "../gateway-environment.ts";
import { STATE } from "../images/server-image.ts";
import type { BuiltImage } from "./built-image.ts";
import { dataMounts, IMAGE_USER } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import type { Networks } from "./networks.ts";
import { addRelease } from "./release.ts";
import { SecretVolume } from "./secret-volume.ts";
import { Server, type ServerProps } from "./server.ts";

export interface GatewayProps {
  readonly service: Service;
  readonly image: BuiltImage;
  /** What runs in the container of its server. @default - it runs elsewhere, or there is none */
  readonly server?: Omit<ServerProps, "service" | "engine"> | undefined;
  readonly engine: Engine;
  readonly networks: Networks;
  /** The environment, without the values of secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names of the secrets, which the gateway reads from files. */
  readonly secrets: readonly string[];
  /** Changes when the value of a secret does, without revealing it. */
  readonly secretsVersion: string;
  /** An image with a shell, which writes the secrets. */
  readonly writer: Image;
  /** What else must be there before it starts. @default [] */
  readonly after?: readonly ITerraformDependable[];
}

/** Limit of processes and threads of a gateway: it is one process. */
const PROCESSES = 256;

/** Seconds that a new release has to become ready. Its server has 60 of them to start. */
const START_TIMEOUT = 90;

/** Seconds that a group has: its members may be new in the same deployment, and one of them must serve first. */
const GROUP_TIMEOUT = START_TIMEOUT + 30;

/** Seconds that an upstream has to come up. It may be a container of the same deployment. */
const UPSTREAM_TIMEOUT = 30;

/**
 * Seconds that an app which the server reaches has to come up. Terraform cannot wait for it: what a container that is created
 * before its predecessor is destroyed depends on would be created so too, and two databases would be on one volume.
 */
const REACHED_TIMEOUT = 60;

/** @example new Gateway(this, "memory", { service, image, engine, networks, environment, secrets, secretsVersion }); */
export class Gateway extends Construct {
  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id);
    const { service, image, engine, networks, environment, after = [] } = props;
    const secrets = new SecretVolume(this, "secrets", {
      service: service.name,
      engine,
      names: props.secrets,
      version: props.secretsVersion,
      owner: IMAGE_USER,
      writer: props.writer,
    });
    const server = props.server && new Server(this, "server", { service, engine, ...props.server });
    addRelease(this, {
      service: service.name,
      part: "gateway",
      server: server?.container,
      stable: gatewayName(service.name),
      image,
      engine,
      networks: networks.of(service).map(({ name }) => name),
      metrics: networks.metrics && { network: networks.metrics.name, alias: metricsName(service.name) },
      environment: { ...environment, ...(networks.metrics && metricsAt(metricsName(service.name))) },
      mounts: [
        secrets.mount,
        ...dataMounts({ [STATE]: `${service.name}-state` }),
        ...(server ? [{ ...server.socket, readOnly: true }] : []),
      ],
      memory: service.memory,
      port: service.port,
      processes: PROCESSES,
      timeout: isGroup(service) ? GROUP_TIMEOUT : START_TIMEOUT,
      grace: graceOf(service),
      after: [secrets.written, ...(server ? [server.container] : []), ...after],
    });
  }
}

/** Seconds in which the container may end and be started again, because what it calls is not up yet. */
function graceOf({ server, reaches }: Service): number {
  if (reaches.length > 0) return REACHED_TIMEOUT;
  switch (kindOf(server).role) {
    case "upstream":
      return UPSTREAM_TIMEOUT;
    case "group":
      return GROUP_TIMEOUT;
    case "stdio":
    case "app":
      return 0;
  }
}

const isGroup = ({ server }: Service) => kindOf(server).role === "group";
