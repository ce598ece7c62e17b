/** acme-companion, which gets certificates from Let's Encrypt for the containers behind nginx-proxy. */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Construct } from "constructs";
import { longRunning, memory, whenMountsChange } from "./container-defaults.ts";
import type { Engine } from "./engine.ts";
import { labels } from "./labels.ts";
import type { Networks } from "./networks.ts";
import type { NginxProxy } from "./nginx-proxy.ts";
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

export const ACME_COMPANION_IMAGE = "nginxproxy/acme-companion:2.8.2";

/** The volumes that it shares with the proxy, by their path in both containers. */
export const certificateVolumes = {
  "/etc/nginx/certs": "gangway-certs",
  "/etc/nginx/vhost.d": "gangway-vhost",
  "/usr/share/nginx/html": "gangway-html",
} as const;

/** @example new AcmeCompanion(this, "acme-companion", { networks, proxy, engine, email: "ops@example.org" }); */
export class AcmeCompanion extends Construct {
  constructor(scope: Construct, id: string, { networks, proxy, engine, email, dns }: AcmeCompanionProps) {
    super(scope, id);
    const image = new Image(this, "image", { name: ACME_COMPANION_IMAGE, keepLocally: true });
    new Container(this, "container", {
      name: "acme-companion",
      image: image.imageId,
      labels: labels({ part: "certificates" }),
      env: [
        `DEFAULT_EMAIL=${email}`,
        `NGINX_PROXY_CONTAINER=${proxy.container.name}`,
        ...(dns ? ["ACME_CHALLENGE=DNS-01"] : []),
      ],
      ...(dns && { entrypoint: ["/bin/bash", "-c", startWithToken] }),
      networksAdvanced: [{ name: networks.proxy.name }],
      mounts: [
        { type: "bind", source: engine.socket, target: "/var/run/docker.sock", readOnly: true },
        { type: "volume", source: "gangway-acme", target: "/etc/acme.sh" },
        ...Object.entries(certificateVolumes).map(([target, source]) => ({ type: "volume", target, source })),
        ...(dns ? [dns.mount] : []),
      ],
      ...longRunning,
      ...memory(128),
      ...(dns && { lifecycle: { replaceTriggeredBy: [whenMountsChange(this, [dns.mount])] } }),
      dependsOn: [proxy.container, ...(dns ? [dns.written] : [])],
    });
  }
}

/**
 * acme-companion reads the token from its environment only. Setting it inside the container keeps it out of `docker inspect`
 * and out of Terraform's state.
 */
const startWithToken = `export ACMESH_DNS_API_CONFIG="{DNS_API: dns_cf, CF_Token: $(cat ${SECRETS}/CLOUDFLARE_API_TOKEN)}" && exec /bin/bash /app/entrypoint.sh /bin/bash /app/start.sh`;
