/** The connector: cloudflared, which forwards the tunnel's requests to nginx-proxy. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import { metricsName } from "../catalog/containers.ts";
import { pinned } from "../images/digests.ts";
import { CONNECTOR_IMAGE } from "../images/proxy-images.ts";
import { metricsAddress } from "../monitoring.ts";
import { confined, cpu, memory, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import type { Networks } from "./networks.ts";
import { limitProcesses } from "./process-limit.ts";
import { SECRETS, type SecretVolume } from "./secret-volume.ts";

export interface ConnectorProps {
  readonly engine: Engine;
  readonly networks: Networks;
  /** The volume with CF_TUNNEL_TOKEN. */
  readonly token: SecretVolume;
}

const NAME = "cloudflared";

/** The user of cloudflared's image. */
export const CONNECTOR_USER = 65532;

/** Limit of processes and threads: one program, with a few threads for each core. */
const PROCESSES = 256;

/** @example new Connector(this, "cloudflared", { engine, networks, token }); */
export class Connector extends Construct {
  constructor(scope: Construct, id: string, { engine, networks, token }: ConnectorProps) {
    super(scope, id);
    const metrics = networks.monitoring ? metricsAddress(NAME) : "127.0.0.1:20241";
    const image = new Image(this, "image", { name: pinned(CONNECTOR_IMAGE), keepLocally: true });
    const container = new Container(this, "container", {
      name: NAME,
      image: image.imageId,
      labels: labels({ part: "connector" }),
      // In a container, cloudflared's default is to show them, with its rules and profiles, to all its networks.
      command: ["tunnel", "--no-autoupdate", "--metrics", metrics, "run"],
      env: [`TUNNEL_TOKEN_FILE=${SECRETS}/CF_TUNNEL_TOKEN`],
      user: `${CONNECTOR_USER}:${CONNECTOR_USER}`,
      networksAdvanced: [
        { name: networks.syncbricks.name },
        ...(networks.monitoring ? [{ name: networks.monitoring.name, aliases: [metricsName(NAME)] }] : []),
      ],
      mounts: [token.mount],
      ...confined,
      ...memory(256), // no host is reachable without it; 600 open streams and 30 bodies of 4 MB at once took 96 MB
      ...cpu(2), // as nginx-proxy, which the same traffic passes
      lifecycle: { replaceTriggeredBy: [whenMountsChange(this, [token.mount])] },
      dependsOn: [token.written],
    });
    limitProcesses(this, container, engine, PROCESSES);
  }
}
