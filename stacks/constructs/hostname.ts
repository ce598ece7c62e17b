/** The public name of one service. */
import { DnsRecord } from "@cdktf/provider-cloudflare/lib/dns-record/index.js";
import { Construct } from "constructs";
import type { Droplet } from "./droplet.ts";
import { Tunnel } from "./tunnel.ts";

export interface HostnameProps {
  readonly zoneId: string;
  /** The whole name: coda.example.org. */
  readonly fqdn: string;
  /** What the name points at. */
  readonly target: Tunnel | Droplet;
}

/**
 * A CNAME to the tunnel, through Cloudflare; or an A record to the droplet, past it, so that its certificate is Let's Encrypt's.
 * @example new Hostname(this, "coda", { zoneId, fqdn: "coda.example.org", target: tunnel });
 */
export class Hostname extends Construct {
  constructor(scope: Construct, id: string, { zoneId, fqdn, target }: HostnameProps) {
    super(scope, id);
    const record =
      target instanceof Tunnel
        ? { type: "CNAME", content: target.cname, proxied: true }
        : { type: "A", content: target.address, proxied: false };
    new DnsRecord(this, "record", { zoneId, name: fqdn, ttl: 1, ...record }); // 1: automatic
  }
}
