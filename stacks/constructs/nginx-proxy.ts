/** nginx-proxy, which routes each host name to the container that has it in VIRTUAL_HOST. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import { longRunning, memory } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import type { Networks } from "./networks.ts";
import {
  type RequestLimit,
  cloudflareNetworks,
  httpConf,
  locationConf,
  privateNetworks,
  startingConf,
} from "./nginx-configuration.ts";

export interface NginxProxyProps {
  readonly networks: Networks;
  /** The engine whose containers it finds. */
  readonly engine: Engine;
  /** Whether to publish ports 80 and 443, and redirect http to https. @default false - reachable on Docker's networks only */
  readonly direct?: boolean;
  /** @default - no limit */
  readonly limit?: RequestLimit;
  /** Volumes with certificates and challenges, shared with acme-companion: path to volume. @default {} */
  readonly volumes?: Readonly<Record<string, string>>;
}

export const NGINX_PROXY_IMAGE = "nginxproxy/nginx-proxy:1.11.6";

/**
 * The reverse proxy in front of the gateways. It finds containers by itself, so adding a service does not change it.
 * @example new NginxProxy(this, "nginx-proxy", { networks, engine });
 */
export class NginxProxy extends Construct {
  readonly container: Container;
  readonly image: Image;

  constructor(
    scope: Construct,
    id: string,
    { networks, engine, direct = false, limit, volumes = {} }: NginxProxyProps,
  ) {
    super(scope, id);
    this.image = new Image(this, "image", { name: NGINX_PROXY_IMAGE, keepLocally: true });
    this.container = new Container(this, "container", {
      name: "nginx-proxy",
      image: this.image.imageId,
      labels: labels({ part: "proxy" }),
      // Trust nothing from the proxy in front except the client's address. Behind the tunnel, http must stay http.
      env: ["TRUST_DOWNSTREAM_PROXY=false", `HTTPS_METHOD=${direct ? "redirect" : "noredirect"}`],
      ...(direct && { ports: [80, 443].map((port) => ({ internal: port, external: port })) }),
      networksAdvanced: [{ name: networks.proxy.name }, { name: networks.syncbricks.name }],
      mounts: [
        { type: "bind", source: engine.socket, target: "/tmp/docker.sock", readOnly: true },
        ...Object.entries(volumes).map(([target, source]) => ({ type: "volume", target, source })),
      ],
      upload: [
        { file: "/etc/nginx/vhost.d/default_location", content: locationConf(limit) },
        { file: "/etc/nginx/conf.d/default.conf", content: startingConf() },
        {
          file: "/etc/nginx/conf.d/gangway.conf",
          content: httpConf(direct ? cloudflareNetworks : privateNetworks, limit),
        },
      ],
      ...longRunning,
      ...memory(256),
    });
  }
}
