/** nginx-proxy: a host name for each container that asks for one. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import { lasting, memory } from "./container-defaults.ts";
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
  /** It is on 80 and 443 for everybody, and http is redirected. @default false - reached through Docker's networks alone */
  readonly direct?: boolean;
  /** @default - no limit */
  readonly limit?: RequestLimit;
  /** Certificates and challenges, shared with acme-companion: path to volume. @default {} */
  readonly volumes?: Readonly<Record<string, string>>;
}

export const NGINX_PROXY_IMAGE = "nginxproxy/nginx-proxy:1.11.6";

/**
 * The reverse proxy in front of the gateways. Adding a service does not touch it: it finds containers by itself.
 * @example new NginxProxy(this, "nginx-proxy", { networks });
 */
export class NginxProxy extends Construct {
  readonly container: Container;
  readonly image: Image;

  constructor(scope: Construct, id: string, { networks, direct = false, limit, volumes = {} }: NginxProxyProps) {
    super(scope, id);
    this.image = new Image(this, "image", { name: NGINX_PROXY_IMAGE, keepLocally: true });
    this.container = new Container(this, "container", {
      name: "nginx-proxy",
      image: this.image.imageId,
      // A proxy in front of it is trusted with nothing but the client's address, and http stays http behind the tunnel.
      env: ["TRUST_DOWNSTREAM_PROXY=false", `HTTPS_METHOD=${direct ? "redirect" : "noredirect"}`],
      ...(direct && { ports: [80, 443].map((port) => ({ internal: port, external: port })) }),
      networksAdvanced: [{ name: networks.proxy.name }, { name: networks.syncbricks.name }],
      mounts: [
        { type: "bind", source: "/var/run/docker.sock", target: "/tmp/docker.sock", readOnly: true },
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
      ...lasting,
      ...memory(256),
    });
  }
}
