/** A container of the catalog that is not an MCP server. */
import { Container, type ContainerConfig } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import type { Service } from "../catalog/entry.ts";
import type { AppServer } from "../catalog/kinds/app.ts";
import { healthcheckOf, HEALTHY_TIMEOUT } from "./app-healthcheck.ts";
import { dataMounts, escaped, longRunning, memory, variables, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import type { Networks } from "./networks.ts";
import { SECRETS, SecretVolume } from "./secret-volume.ts";

/** A service of the catalog that is an app(). */
export type App = Service & { readonly server: AppServer };

export interface AppContainerProps {
  readonly service: App;
  readonly engine: Engine;
  readonly networks: Networks;
  /** The environment that nginx-proxy and acme-companion read: the public name and the port. @default {} */
  readonly proxy: Readonly<Record<string, string>>;
  /** The port of this machine that leads to its port, without a proxy in between. @default - none */
  readonly hostPort?: number | undefined;
  /** Names of the secrets. */
  readonly secrets: readonly string[];
  /** Changes when the value of a secret does. */
  readonly secretsVersion: string;
  /** An image with a shell, which writes the secrets. */
  readonly writer: Image;
}

/** Seconds that it has to stop: a database writes down what it holds in memory. */
const STOP_TIMEOUT = 30;

/**
 * An app, run as its image and its entry define it. The running container is stopped before the next one starts, because two of
 * them on one volume would corrupt it.
 * @example new AppContainer(this, "n8n", { service, engine, networks, proxy, secrets, secretsVersion });
 */
export class AppContainer extends Construct {
  constructor(scope: Construct, id: string, props: AppContainerProps) {
    super(scope, id);
    const { service, engine, networks, secrets, hostPort } = props;
    const image = new Image(this, "image", { name: service.server.image, keepLocally: true });
    const files = secrets.length === 0 ? undefined : this.#secrets(props, engine);
    const mounts = [...(files === undefined ? [] : [files.mount]), ...dataMounts(service.volumes)];
    new Container(this, "container", {
      name: service.name,
      image: image.imageId,
      labels: labels({ part: "app", service: service.name }),
      env: variables({ ...service.env, ...secretFiles(service, secrets), ...props.proxy }),
      ...programOf(service, secrets),
      ...healthOf(service),
      networksAdvanced: networks.of(service).map(({ name }) => ({ name })),
      ...(hostPort !== undefined && { ports: [{ internal: service.port, external: hostPort, ip: "127.0.0.1" }] }),
      mounts,
      ...longRunning,
      ...memory(service.memory),
      init: true,
      securityOpts: ["no-new-privileges:true"],
      stopTimeout: STOP_TIMEOUT,
      destroyGraceSeconds: STOP_TIMEOUT,
      lifecycle: { replaceTriggeredBy: [whenMountsChange(this, mounts)] },
      ...(files && { dependsOn: [files.written] }),
    });
  }

  #secrets(
    { service, secrets: names, secretsVersion: version, writer }: AppContainerProps,
    engine: Engine,
  ): SecretVolume {
    return new SecretVolume(this, "secrets", { service: service.name, engine, names, version, writer });
  }
}

function secretFiles({ server }: App, secrets: readonly string[]): Record<string, string> {
  if (server.secretsAs === "variables") return {};
  return Object.fromEntries(secrets.map((name) => [`${name}_FILE`, `${SECRETS}/${name}`]));
}

/** What runs in it, and as whom. */
function programOf({ server }: App, secrets: readonly string[]): Partial<ContainerConfig> {
  const { command, user, secretsAs } = server;
  return {
    ...(secretsAs === "variables" && { entrypoint: ["sh", "-c", withVariables(secrets), "sh"] }),
    ...(command && { command: command.map(escaped) }),
    ...(user !== undefined && { user }),
  };
}

/** Sets the variables inside the container, which keeps them out of `docker inspect` and out of Terraform's state. */
const withVariables = (secrets: readonly string[]) =>
  [...secrets.map((name) => `${name}=$(cat ${SECRETS}/${name}) || exit 1; export ${name}`), 'exec "$@"'].join("; ");

function healthOf({ server, port }: App): Partial<ContainerConfig> {
  if (server.healthcheck === undefined) return {};
  return { healthcheck: healthcheckOf(server.healthcheck, port), wait: true, waitTimeout: HEALTHY_TIMEOUT };
}
