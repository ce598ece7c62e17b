/** The way from Cloudflare to the proxy, which needs no open port. */
import { ZeroTrustTunnelCloudflaredConfigA as Rules } from "@cdktf/provider-cloudflare/lib/zero-trust-tunnel-cloudflared-config/index.js";
import { ZeroTrustTunnelCloudflared } from "@cdktf/provider-cloudflare/lib/zero-trust-tunnel-cloudflared/index.js";
import { type ITerraformDependable, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { ExistingTunnel } from "./tunnel-token.ts";

export interface TunnelProps {
  readonly accountId: string;
  /** What the tunnel is called in the dashboard. */
  readonly name: string;
  /** The public names that it carries. */
  readonly hosts: readonly string[];
  /**
   * A tunnel to use instead of a new one.
   * @default - one is created
   */
  readonly existing?: ExistingTunnel | undefined;
  /**
   * Whether the rules of an existing tunnel are replaced, all of them, by ours.
   * @default false - they stay as they are, and the output `rulesToAdd` tells what they lack
   */
  readonly adopt?: boolean;
}

/** Where the connector finds nginx-proxy, on the Docker network that they share. */
const PROXY = "http://nginx-proxy:80";

/**
 * A tunnel whose rules Cloudflare keeps: one for each host, and "not found" for the rest. Its token is no part of the state:
 * whoever starts the connector asks Cloudflare for it.
 * @example new Tunnel(this, "tunnel", { accountId, name: "gangway", hosts: ["coda.example.org"] });
 */
export class Tunnel extends Construct {
  readonly id: string;
  /** What a CNAME points at. */
  readonly cname: string;
  /** What must outlive its connectors. */
  readonly created: ITerraformDependable[];

  constructor(scope: Construct, id: string, { accountId, name, hosts, existing, adopt = false }: TunnelProps) {
    super(scope, id);
    const account = existing?.accountId ?? accountId;
    // No tunnelSecret: Cloudflare makes one up, and the state does not know it.
    const create = () => new ZeroTrustTunnelCloudflared(this, "tunnel", { accountId, name, configSrc: "cloudflare" });
    const tunnel = existing ?? create();
    this.id = tunnel.id;
    this.created = tunnel instanceof ZeroTrustTunnelCloudflared ? [tunnel] : [];
    this.cname = `${this.id}.cfargotunnel.com`;
    const ingress = rulesFor(hosts);
    if (existing && !adopt) new TerraformOutput(this, "rulesToAdd", { value: ingress }).overrideLogicalId("rulesToAdd");
    else new Rules(this, "rules", { accountId: account, tunnelId: this.id, source: "cloudflare", config: { ingress } });
  }
}

/** Cloudflare refuses rules whose last one is not for everything. */
function rulesFor(hosts: readonly string[]) {
  return [...hosts.map((hostname) => ({ hostname, service: PROXY })), { service: "http_status:404" }];
}
