/** The tunnel from Cloudflare to the proxy, which needs no open port. */
import { ZeroTrustTunnelCloudflaredConfigA as Rules } from "@cdktf/provider-cloudflare/lib/zero-trust-tunnel-cloudflared-config/index.js";
import { ZeroTrustTunnelCloudflared } from "@cdktf/provider-cloudflare/lib/zero-trust-tunnel-cloudflared/index.js";
import { type ITerraformDependable, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { ExistingTunnel } from "./tunnel-token.ts";

export interface TunnelProps {
  readonly accountId: string;
  /** The tunnel's name in the dashboard. */
  readonly name: string;
  /** The full names of the services. */
  readonly hosts: readonly string[];
  /**
   * A tunnel to use instead of a new one.
   * @default - one is created
   */
  readonly existing?: ExistingTunnel | undefined;
  /**
   * Whether to replace all rules of an existing tunnel with ours.
   * @default false - leaves the rules alone; the output `rulesToAdd` lists ours
   */
  readonly adopt?: boolean;
}

/** nginx-proxy's address on the Docker network that the connector is on. */
const PROXY = "http://nginx-proxy:80";

/**
 * A tunnel whose rules are kept at Cloudflare: one for each host, and "not found" for everything else. Its token is not in the
 * state: the deploy fetches it from Cloudflare when it starts the connector.
 * @example new Tunnel(this, "tunnel", { accountId, name: "gangway", hosts: ["coda.example.org"] });
 */
export class Tunnel extends Construct {
  readonly id: string;
  /** What the CNAME records point at. */
  readonly cname: string;
  /** The tunnel, if we created it: it must be destroyed after its connector. */
  readonly created: ITerraformDependable[];

  constructor(scope: Construct, id: string, { accountId, name, hosts, existing, adopt = false }: TunnelProps) {
    super(scope, id);
    const account = existing?.accountId ?? accountId;
    // Without a tunnelSecret, Cloudflare makes one up, and it stays out of the state.
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

/** Ends with a rule for everything, as Cloudflare requires. */
function rulesFor(hosts: readonly string[]) {
  return [...hosts.map((hostname) => ({ hostname, service: PROXY })), { service: "http_status:404" }];
}
