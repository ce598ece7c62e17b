/** The gateway of one service. A new release takes over only when it can serve. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import type { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { DataResource, Fn } from "cdktf";
import { Construct } from "constructs";
import { gatewayName } from "../catalog/containers.ts";
import type { Service } from "../catalog/entry.ts";
import { kindOf } from "../catalog/kinds/registry.ts";
import { STATE } from "../images/server-image.ts";
import { askReady } from "../provision/readiness.ts";
import { SERVICE_LABEL, confined, dataMounts, memory, variables, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import type { GatewayImage } from "./gateway-image.ts";
import type { Networks } from "./networks.ts";
import { run } from "./program.ts";
import { SecretVolume } from "./secret-volume.ts";

export interface GatewayProps {
  readonly service: Service;
  readonly image: GatewayImage;
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
}

/** The user `node` of the base image. */
const GATEWAY_USER = 1000;

/** Limit of processes and threads in a container: enough for 32 servers and their children, too few to fill the host. */
const PROCESSES = 2048;

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

/** Seconds that Docker gives a container to stop. It keeps serving for 12 of them, and then drains for up to 25. */
const STOP_TIMEOUT = 45;

/**
 * The container's name has a suffix that is new for each attempt, so the new container can run beside the old one; both share
 * one stable name on the network. The old one is removed once the new one has passed the gate.
 * @example new Gateway(this, "memory", { service, image, engine, networks, environment, secrets, secretsVersion });
 */
export class Gateway extends Construct {
  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id);
    const { service, image, engine, networks, environment } = props;
    const stable = gatewayName(service.name);
    const secrets = new SecretVolume(this, "secrets", {
      service: service.name,
      engine,
      names: props.secrets,
      version: props.secretsVersion,
      owner: GATEWAY_USER,
      writer: props.writer,
    });
    const mounts = [secrets.mount, ...dataMounts({ [STATE]: `${service.name}-state`, ...service.volumes })];
    const container = new Container(this, "container", {
      // The suffix is new for each attempt: a container that Terraform marks as broken keeps its name until it is replaced.
      name: `${stable}-${Fn.substr(Fn.uuid(), 0, 8)}`,
      image: image.image.imageId,
      labels: [{ label: SERVICE_LABEL, value: service.name }], // the provider gives an image none
      env: variables(environment),
      networksAdvanced: networks.of(service).map(({ name }) => ({ name, aliases: [stable] })),
      mounts,
      ...confined,
      ...memory(service.memory),
      healthcheck: {
        test: ["CMD", ...askReady(service.port)],
        interval: "30s",
        timeout: "5s",
        retries: 3,
        startPeriod: "1m0s",
      },
      stopTimeout: STOP_TIMEOUT,
      destroyGraceSeconds: STOP_TIMEOUT,
      lifecycle: {
        createBeforeDestroy: true,
        ignoreChanges: ["name"],
        replaceTriggeredBy: [whenMountsChange(this, mounts)],
      },
      dependsOn: [secrets.written],
    });
    new DataResource(this, "gate", {
      triggersReplace: { container: container.id },
      provisioners: [
        run("gate", engine, {
          service: service.name,
          container: container.name,
          port: String(service.port),
          processes: String(PROCESSES),
          timeout: String(isGroup(service) ? GROUP_TIMEOUT : START_TIMEOUT),
          grace: String(graceOf(service)),
        }),
      ],
      lifecycle: { createBeforeDestroy: true },
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
