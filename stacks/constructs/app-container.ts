/** A container of the catalog that is not an MCP server. */
import { Container, type ContainerConfig } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import type { Service } from "../catalog/entry.ts";
import type { AppServer } from "../catalog/kinds/app.ts";
import { pinned } from "../images/digests.ts";
import { healthcheckOf, HEALTHY_TIMEOUT } from "./app-healthcheck.ts";
import { cpu, dataMounts, escaped, longRunning, memory, variables, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import type { Networks } from "./networks.ts";
import { limitProcesses } from "./process-limit.ts";
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
  /** What is written into it before it starts: text by path. It must not be secret. @default {} */
  readonly files?: Readonly<Record<string, string>>;
  /** Names of the secrets. */
  readonly secrets: readonly string[];
  /** Changes when the value of a secret does. */
  readonly secretsVersion: string;
  /** An image with a shell, which writes the secrets. */
  readonly writer: Image;
}

/** Limit of processes and threads: enough for a database with a process for each connection, too few to fill the host. */
const PROCESSES = 1024;

/** Limit of processor time in cores: what starts slowly may use two, and the gateways of a machine with four keep the others. */
const CORES = 2;

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
    const image = new Image(this, "image", { name: pinned(service.server.image), keepLocally: true });
    const uploads = uploadsOf(props.files);
    const files = secrets.length === 0 ? undefined : this.#secrets(props, engine);
    const mounts = [...(files === undefined ? [] : [files.mount]), ...dataMounts(service.volumes)];
    const container = new Container(this, "container", {
      name: service.name,
      image: image.imageId,
      labels: labels({ part: "app", service: service.name }),
      env: variables({ ...service.env, ...secretFiles(service, secrets), ...props.proxy }),
      ...programOf(service, secrets),
      ...healthOf(service),
      networksAdvanced: networks.of(service).map(({ name }) => ({ name })),
      ...(hostPort !== undefined && { ports: [{ internal: service.port, external: hostPort, ip: "127.0.0.1" }] }),
      mounts,
      ...(uploads.length > 0 && { upload: uploads }),
      ...longRunning,
      ...memory(service.memory),
      ...cpu(CORES),
      init: true,
      ...rightsOf(service),
      stopTimeout: STOP_TIMEOUT,
      destroyGraceSeconds: STOP_TIMEOUT,
      lifecycle: { replaceTriggeredBy: [whenMountsChange(this, mounts)] },
      ...(files && { dependsOn: [files.written] }),
    });
    limitProcesses(this, container, engine, PROCESSES);
  }

  #secrets(
    { service, secrets: names, secretsVersion: version, writer }: AppContainerProps,
    engine: Engine,
  ): SecretVolume {
    return new SecretVolume(this, "secrets", { service: service.name, engine, names, version, writer });
  }
}

const uploadsOf = (files: Readonly<Record<string, string>> = {}) =>
  Object.entries(files).map(([file, content]) => ({ file, content: escaped(content) }));

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

/** What it may do as root of its container, and that no program in it gains more. */
function rightsOf({ server: { user, capabilities, readOnly } }: App): Partial<ContainerConfig> {
  const kept = capabilities ?? (user === undefined ? TO_BECOME_ANOTHER_USER : []);
  return {
    securityOpts: ["no-new-privileges:true"],
    capabilities: { drop: ["ALL"], ...(kept.length > 0 && { add: kept.map((name) => `CAP_${name}`).toSorted() }) },
    ...(readOnly && { readOnly, tmpfs: { "/tmp": "size=256m", "/run": "size=16m" } }),
  };
}

/**
 * What an image needs that starts as root, gives its data to a user of its own and becomes that user, as those of databases do
 * (SETPCAP: Redis 8 does so with setpriv). KILL is for the first process, which is still root and passes on the signal to stop.
 */
const TO_BECOME_ANOTHER_USER = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETPCAP", "SETUID"];

/** Sets the variables inside the container, which keeps them out of `docker inspect` and out of Terraform's state. */
const withVariables = (secrets: readonly string[]) =>
  [...secrets.map((name) => `${name}=$(cat ${SECRETS}/${name}) || exit 1; export ${name}`), 'exec "$@"'].join("; ");

function healthOf({ server, port }: App): Partial<ContainerConfig> {
  if (server.healthcheck === undefined) return {};
  return { healthcheck: healthcheckOf(server.healthcheck, port), wait: true, waitTimeout: HEALTHY_TIMEOUT };
}
