/** Publishes one host of the proxy on a port of this machine, so that a client needs no host name. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Construct } from "constructs";
import { confined, memory } from "./container-defaults.ts";
import { labels } from "./labels.ts";
import type { Networks } from "./networks.ts";
import { hostPortConf } from "./nginx-configuration.ts";
import type { NginxProxy } from "./nginx-proxy.ts";

export interface HostPortProps {
  /** What its container is called. */
  readonly name: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** The name that the proxy knows it by. */
  readonly host: string;
  readonly networks: Networks;
  readonly proxy: NginxProxy;
  /** Whether what is behind it knows itself by this port. @default false - by its host */
  readonly keepsOrigin?: boolean;
}

/** Where nginx listens in the container: any port that an unprivileged user may open. */
const INSIDE = 8080;

/**
 * A small nginx between a port and the proxy. The proxy cannot publish the port itself: Docker publishes ports when it creates a
 * container, so adding or removing a service would replace the proxy and cut off every call. Nor can the gateway, because two
 * releases of it run side by side.
 * @example new HostPort(this, "memory-port", { name: "memory-port", port: 8082, host: "memory.localhost", networks, proxy });
 */
export class HostPort extends Construct {
  constructor(scope: Construct, id: string, { name, port, host, networks, proxy, keepsOrigin = false }: HostPortProps) {
    super(scope, id);
    new Container(this, "container", {
      name,
      image: proxy.image.imageId,
      labels: labels({ part: "port" }),
      // The provider cannot upload a file into a read-only file system.
      entrypoint: [
        "sh",
        "-c",
        'printf %s "$CONFIGURATION" > /tmp/nginx.conf && exec nginx -e stderr -c /tmp/nginx.conf',
      ],
      env: [`CONFIGURATION=${hostPortConf({ port: INSIDE, host, proxy: proxy.container.name, keepsOrigin })}`],
      user: "65534:65534", // nobody
      ports: [{ internal: INSIDE, external: port, ip: "127.0.0.1" }],
      networksAdvanced: [{ name: networks.proxy.name }],
      ...confined,
      ...memory(64),
    });
  }
}
