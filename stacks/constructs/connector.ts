/** The connector: cloudflared, which forwards the tunnel's requests to nginx-proxy. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import { confined, memory, whenMountsChange } from "./container-defaults.ts";
import { labels } from "./labels.ts";
import type { Networks } from "./networks.ts";
import { SECRETS, type SecretVolume } from "./secret-volume.ts";

export interface ConnectorProps {
  readonly networks: Networks;
  /** The volume with CF_TUNNEL_TOKEN. */
  readonly token: SecretVolume;
}

export const CONNECTOR_IMAGE = "cloudflare/cloudflared:2026.10.0";

/** The user of cloudflared's image. */
export const CONNECTOR_USER = 65532;

/** @example new Connector(this, "cloudflared", { networks, token }); */
export class Connector extends Construct {
  constructor(scope: Construct, id: string, { networks, token }: ConnectorProps) {
    super(scope, id);
    const image = new Image(this, "image", { name: CONNECTOR_IMAGE, keepLocally: true });
    new Container(this, "container", {
      name: "cloudflared",
      image: image.imageId,
      labels: labels({ part: "connector" }),
      // In a container, cloudflared's default is to show its rules and profiles to the whole network.
      command: ["tunnel", "--no-autoupdate", "--metrics", "127.0.0.1:20241", "run"],
      env: [`TUNNEL_TOKEN_FILE=${SECRETS}/CF_TUNNEL_TOKEN`],
      user: `${CONNECTOR_USER}:${CONNECTOR_USER}`,
      networksAdvanced: [{ name: networks.syncbricks.name }],
      mounts: [token.mount],
      ...confined,
      ...memory(256), // no host is reachable without it; 600 open streams and 30 bodies of 4 MB at once took 96 MB
      lifecycle: { replaceTriggeredBy: [whenMountsChange(this, [token.mount])] },
      dependsOn: [token.written],
    });
  }
}
