/** acme-companion, which gets certificates from Let's Encrypt for the containers behind nginx-proxy. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import { pinned } from "../images/digests.ts";
import { ACME_COMPANION_IMAGE } from "../images/proxy-images.ts";
import { confined, cpu, memory, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import type { Networks } from "./networks.ts";
import type { NginxProxy } from "./nginx-proxy.ts";
import { limitProcesses } from "./process-limit.ts";
import { SECRETS, type SecretVolume } from "./secret-volume.ts";

export interface AcmeCompanionProps {
  readonly networks: Networks;
  readonly proxy: NginxProxy;
  /** The engine whose containers it finds. */
  readonly engine: Engine;
  /** The address that Let's Encrypt sends its notices to. */
  readonly email: string;
  /**
   * The volume with CLOUDFLARE_API_TOKEN, to use the DNS-01 challenge.
   * @default - HTTP-01
   */
  readonly dns?: SecretVolume;
}

/** Limit of processes and threads: shell scripts, docker-gen and curl. */
const PROCESSES = 128;

/** The volumes that it writes and the proxy reads, by their path in both containers. */
export const certificateVolumes = {
  "/etc/nginx/certs": "gangway-certs",
  "/usr/share/nginx/html": "gangway-html",
} as const;

/**
 * Everything that it writes is root's, as it is itself: it needs none of root's rights. It has nginx-proxy reload by one call, which
 * the filter in front of the engine knows.
 * @example new AcmeCompanion(this, "acme-companion", { engine, networks, proxy, email: "ops@example.org" });
 */
export class AcmeCompanion extends Construct {
  constructor(scope: Construct, id: string, { engine, networks, proxy, email, dns }: AcmeCompanionProps) {
    super(scope, id);
    const image = new Image(this, "image", { name: pinned(ACME_COMPANION_IMAGE), keepLocally: true });
    const container = new Container(this, "container", {
      name: "acme-companion",
      image: image.imageId,
      labels: labels({ part: "certificates" }),
      env: [
        `DEFAULT_EMAIL=${email}`,
        `NGINX_PROXY_CONTAINER=${proxy.container.name}`,
        `DOCKER_HOST=${proxy.docker.host}`,
        ...(dns ? ["ACME_CHALLENGE=DNS-01"] : []),
      ],
      ...(dns && { entrypoint: ["/bin/bash", "-c", startWithToken] }),
      networksAdvanced: [{ name: networks.proxy.name }],
      mounts: [
        proxy.docker.mount,
        // Its programs write beside themselves: a copy of the image's folder, which goes with the container.
        { type: "volume", target: "/app" },
        { type: "volume", source: "gangway-acme", target: "/etc/acme.sh" },
        ...Object.entries(certificateVolumes).map(([target, source]) => ({ type: "volume", target, source })),
        ...(dns ? [dns.mount] : []),
      ],
      ...confined,
      ...memory(128),
      ...cpu(1), // it makes keys
      ...(dns && { lifecycle: { replaceTriggeredBy: [whenMountsChange(this, [dns.mount])] } }),
      dependsOn: [proxy.container, ...(dns ? [dns.written] : [])],
    });
    limitProcesses(this, container, engine, PROCESSES);
  }
}

/**
 * acme-companion reads the token from its environment only. Setting it inside the container keeps it out of `docker inspect`
 * and out of Terraform's state.
 */
const startWithToken = `export ACMESH_DNS_API_CONFIG="{DNS_API: dns_cf, CF_Token: $(cat ${SECRETS}/CLOUDFLARE_API_TOKEN)}" && exec /bin/bash /app/entrypoint.sh /bin/bash /app/start.sh`;
