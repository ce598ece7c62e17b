/** The Docker engine's socket, cut down to what a reverse proxy asks of it. Only this container has the socket itself. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import type { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { Construct } from "constructs";
import { confined, cpu, memory, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import { dockerFilterConf } from "./nginx-configuration.ts";
import { limitProcesses } from "./process-limit.ts";

export interface DockerFilterProps {
  /** An image with nginx and a shell. */
  readonly image: Image;
  readonly engine: Engine;
  /** The name of the container whose nginx may be told to reload. @default - none: nothing but reading is allowed */
  readonly reloaded?: string | undefined;
}

/**
 * Where the filter's socket is, in every container that has it. A mounted folder, because a filter that starts again makes a new
 * socket, and a mount of the file would go on leading to the old one.
 */
const FOLDER = "/var/run/docker.sock";
const SOCKET = `${FOLDER}/filtered.sock`;

/** The engine's socket in the container. */
const ENGINE = "/var/run/docker.sock";

/** Limit of processes: nginx's two, and the new one of a reload. */
const PROCESSES = 16;

/**
 * A read-only filter in front of the engine: nginx with a list of calls. It has no network and no capability; as root of its
 * container it owns the engine's socket, whatever group that has on the host. A general filter (docker-socket-proxy) would allow whole
 * sections of the API, and with that of containers every file in each of them.
 * @example const docker = new DockerFilter(this, "docker-filter", { image, engine });
 */
export class DockerFilter extends Construct {
  readonly container: Container;
  /** DOCKER_HOST of a container with the mount. */
  readonly host = `unix://${SOCKET}`;
  readonly mount: {
    readonly type: string;
    readonly target: string;
    readonly source: string;
    readonly readOnly: boolean;
  };

  constructor(scope: Construct, id: string, { image, engine, reloaded }: DockerFilterProps) {
    super(scope, id);
    const volume = new Volume(this, "volume", { name: "gangway-docker" });
    this.mount = { type: "volume", target: FOLDER, source: volume.name, readOnly: true };
    const mounts = [
      { type: "bind", source: engine.socket, target: ENGINE, readOnly: true },
      { type: "volume", target: SHARED, source: volume.name },
    ];
    this.container = new Container(this, "container", {
      name: "docker-filter",
      image: image.imageId,
      labels: labels({ part: "docker-filter" }),
      // The provider cannot upload a file into a read-only file system. A filter that was killed leaves its socket behind.
      entrypoint: [
        "sh",
        "-c",
        `rm -f ${LISTENING} && printf %s "$CONFIGURATION" > /tmp/nginx.conf && exec nginx -e stderr -c /tmp/nginx.conf`,
      ],
      env: [`CONFIGURATION=${dockerFilterConf({ socket: LISTENING, engine: ENGINE, reloaded })}`],
      user: "0:0",
      networkMode: "none",
      mounts,
      ...confined,
      ...memory(32),
      ...cpu(0.5), // nginx-proxy asks for every container after each event
      lifecycle: { replaceTriggeredBy: [whenMountsChange(this, mounts)] },
    });
    limitProcesses(this, this.container, engine, PROCESSES);
  }
}

/** The shared folder in the filter's own container, where the engine's socket has the usual place. */
const SHARED = "/run/filtered";
const LISTENING = `${SHARED}/filtered.sock`;
