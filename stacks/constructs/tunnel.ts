/** The tunnel: what is asked for under our names at Cloudflare comes to nginx-proxy, and the droplet opens no port. */
import { ZeroTrustTunnelCloudflaredConfigA as Rules } from "@cdktf/provider-cloudflare/lib/zero-trust-tunnel-cloudflared-config/index.js";
import { ZeroTrustTunnelCloudflared } from "@cdktf/provider-cloudflare/lib/zero-trust-tunnel-cloudflared/index.js";
import { Construct } from "constructs";

export interface TunnelProps {
  readonly accountId: string;
  /** The public names that it serves. */
  readonly hostnames: readonly string[];
  /** A tunnel that exists already. @default - one of our own is created */
  readonly existing?: string | undefined;
  /**
   * Whether the rules of an existing tunnel are replaced by ours, all of them.
   * @default false
   */
  readonly adopt?: boolean;
}

/** Where the connector finds the proxy on its network. */
const PROXY = "http://nginx-proxy:80";

/** @example new Tunnel(this, "tunnel", { accountId, hostnames: ["coda.example.org"] }); */
export class Tunnel extends Construct {
  readonly id: string;
  /** What a CNAME points at. */
  readonly cname: string;

  constructor(scope: Construct, id: string, { accountId, hostnames, existing, adopt = false }: TunnelProps) {
    super(scope, id);
    // Configured at Cloudflare, so that a new hostname does not restart the connector.
    this.id =
      existing ??
      new ZeroTrustTunnelCloudflared(this, "tunnel", { accountId, name: "gangway", configSrc: "cloudflare" }).id;
    this.cname = `${this.id}.cfargotunnel.com`;
    if (existing !== undefined && !adopt) return;
    new Rules(this, "rules", {
      accountId,
      tunnelId: this.id,
      config: {
        // The last rule must be one without a hostname.
        ingress: [...hostnames.map((hostname) => ({ hostname, service: PROXY })), { service: "http_status:404" }],
      },
    });
  }
}
