/** nginx-proxy, which routes each host name to the container that has it in VIRTUAL_HOST. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import { metricsName } from "../catalog/containers.ts";
import { pinned } from "../images/digests.ts";
import { NGINX_PROXY_IMAGE } from "../images/proxy-images.ts";
import { metricsAddress } from "../monitoring.ts";
import { confined, cpu, memory } from "./container-defaults.ts";
import { DockerFilter } from "./docker-filter.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import type { Networks } from "./networks.ts";
import type { RequestLimit } from "./nginx-configuration.ts";
import { NginxFiles } from "./nginx-files.ts";
import { limitProcesses } from "./process-limit.ts";

export interface NginxProxyProps {
  readonly engine: Engine;
  readonly networks: Networks;
  /**
   * The networks of a proxy in front, whose word is taken for a client's address. Ports 80 and 443 are published for it, and http is
   * redirected to https.
   * @default - reachable on Docker's networks only, and every machine on them is believed
   */
  readonly directFrom?: readonly string[];
  /** @default - no limit */
  readonly limit?: RequestLimit;
  /** Volumes with certificates and challenges, which acme-companion writes: path to volume. @default {} */
  readonly volumes?: Readonly<Record<string, string>>;
}

const NAME = "nginx-proxy";

/** Limit of processes and threads. Each reload leaves a worker for every core behind, which stays until its last stream has ended. */
const PROCESSES = 1024;

/**
 * The reverse proxy in front of the gateways. It finds containers by itself, so adding a service does not change it. It asks the
 * engine through a filter, writes nothing but its own configuration, and has of root's rights those that nginx starts with: to
 * open port 80, and to hand its workers and their folders to another user.
 * @example new NginxProxy(this, "nginx-proxy", { engine, networks });
 */
export class NginxProxy extends Construct {
  readonly container: Container;
  readonly image: Image;
  readonly docker: DockerFilter;

  constructor(scope: Construct, id: string, props: NginxProxyProps) {
    super(scope, id);
    const { engine, networks, directFrom, limit, volumes = {} } = props;
    const hasCertificates = Object.keys(volumes).length > 0;
    const image = new Image(this, "image", { name: pinned(NGINX_PROXY_IMAGE), keepLocally: true });
    this.image = image;
    this.docker = new DockerFilter(this, "docker-filter", {
      image,
      engine,
      reloaded: hasCertificates ? NAME : undefined,
    });
    const files = new NginxFiles(this, "files", {
      image,
      trusted: directFrom,
      limit,
      metrics: networks.monitoring && metricsAddress(NAME),
    });
    this.container = new Container(this, "container", {
      name: NAME,
      image: image.imageId,
      labels: labels({ part: "proxy" }),
      env: [
        // Trust nothing from the proxy in front except the client's address. Behind the tunnel, http must stay http.
        "TRUST_DOWNSTREAM_PROXY=false",
        `HTTPS_METHOD=${directFrom ? "redirect" : "noredirect"}`,
        `DOCKER_HOST=${this.docker.host}`,
      ],
      ...(directFrom && { ports: [80, 443].map((port) => ({ internal: port, external: port })) }),
      networksAdvanced: [
        { name: networks.proxy.name },
        { name: networks.syncbricks.name },
        ...(networks.monitoring ? [{ name: networks.monitoring.name, aliases: [metricsName(NAME)] }] : []),
      ],
      mounts: [
        this.docker.mount,
        ...files.mounts,
        ...Object.entries(volumes).map(([target, source]) => ({ type: "volume", target, source, readOnly: true })),
      ],
      ...confined,
      init: false, // its own first process starts and ends the others
      tmpfs: { "/tmp": "size=256m", "/run": "size=1m", "/etc/nginx/dhparam": "size=1m" },
      capabilities: { drop: ["ALL"], add: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"] },
      ...memory(256),
      ...cpu(2), // encryption of what a gigabit carries takes less
      lifecycle: { replaceTriggeredBy: [files.whenChanged] },
      dependsOn: [this.docker.container],
    });
    limitProcesses(this, this.container, engine, PROCESSES);
  }
}
