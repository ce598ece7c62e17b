/** A port of this machine for one service, so that a client needs no host name. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Construct } from "constructs";
import type { Service } from "../catalog/entry.ts";
import { confined, memory } from "./container-defaults.ts";
import type { Networks } from "./networks.ts";
import { hostPortConf } from "./nginx-configuration.ts";
import type { NginxProxy } from "./nginx-proxy.ts";

export interface HostPortProps {
  readonly service: Service;
  /** For this machine's own callers alone. */
  readonly port: number;
  /** The name that the proxy knows the service by. */
  readonly host: string;
  readonly networks: Networks;
  readonly proxy: NginxProxy;
}

/** Any port that needs no rights to be opened. */
const INSIDE = 8080;

/**
 * nginx between a port and the proxy. It is a container of its own: Docker publishes ports when a container is made, so the
 * proxy would be replaced, and every call through it cut off, whenever a service comes or goes. And it is not the gateway,
 * because of which two have to stand side by side.
 * @example new HostPort(this, "memory-port", { service, port: 8082, host: "memory.localhost", networks, proxy });
 */
export class HostPort extends Construct {
  constructor(scope: Construct, id: string, { service, port, host, networks, proxy }: HostPortProps) {
    super(scope, id);
    new Container(this, "container", {
      name: `${service.name}-port`,
      image: proxy.image.imageId,
      // Into a file system that is read-only, the provider cannot upload.
      entrypoint: [
        "sh",
        "-c",
        'printf %s "$CONFIGURATION" > /tmp/nginx.conf && exec nginx -e stderr -c /tmp/nginx.conf',
      ],
      env: [`CONFIGURATION=${hostPortConf({ port: INSIDE, host, proxy: proxy.container.name })}`],
      user: "65534:65534", // nobody
      ports: [{ internal: INSIDE, external: port, ip: "127.0.0.1" }],
      networksAdvanced: [{ name: networks.proxy.name }],
      ...confined,
      ...memory(64),
    });
  }
}
