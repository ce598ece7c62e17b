/** One release of one service's gateway, which takes over only when it can serve. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import type { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { DataResource, Fn } from "cdktf";
import { Construct } from "constructs";
import type { Service } from "../catalog/entry.ts";
import { STATE } from "../images/server-image.ts";
import { askReady } from "../provision/readiness.ts";
import { confined, dataMounts, memory, variables, whenMountsChange } from "./container-defaults.ts";
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
  /** No secret's value is in it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names of the secrets that it reads from files. */
  readonly secrets: readonly string[];
  /** Changes when one of their values does, and tells nothing of them. */
  readonly secretsVersion: string;
  /** Has a shell, with which they are written. */
  readonly writer: Image;
}

/** The user `node` of the base image. */
const GATEWAY_USER = 1000;

/** Processes and threads that may be in a container: 32 servers and what they start, but no host full of them. */
const PROCESSES = 2048;

/** Seconds that a release has to show that it can serve: its server has 60 to start. */
const START_TIMEOUT = 90;

/** Seconds that an upstream has to come up: it may be a container of the same deployment. */
const UPSTREAM_TIMEOUT = 30;

/** Seconds after which Docker kills a container that was told to end: longer than it serves on (12) and drains (25). */
const STOP_TIMEOUT = 45;

/**
 * A container whose name has a suffix of its own for each attempt, so that the new one can stand beside the old one under
 * one stable name on the network; the old one goes when the new one has passed the gate.
 * @example new Gateway(this, "memory", { service, image, engine, networks, environment, secrets, secretsVersion });
 */
export class Gateway extends Construct {
  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id);
    const { service, image, engine, networks, environment } = props;
    const stable = `${service.name}-mcp-gateway`;
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
      // New for every attempt: one that Docker has begun and Terraform holds for broken still has its name when the next is made.
      name: `${stable}-${Fn.substr(Fn.uuid(), 0, 8)}`,
      image: image.image.imageId,
      env: variables(environment),
      networksAdvanced: [{ name: networks.syncbricks.name, aliases: [stable] }],
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
          timeout: String(START_TIMEOUT),
          patience: String("url" in service.server ? UPSTREAM_TIMEOUT : 0),
        }),
      ],
      lifecycle: { createBeforeDestroy: true },
    });
  }
}
