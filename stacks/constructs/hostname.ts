/** The DNS record of one service. */
import { DataCloudflareDnsRecords } from "@cdktf/provider-cloudflare/lib/data-cloudflare-dns-records/index.js";
import { DnsRecord } from "@cdktf/provider-cloudflare/lib/dns-record/index.js";
import { Construct } from "constructs";
import { Adoption } from "./adoption.ts";
import type { Zone } from "./zone.ts";

/** What a name points at: a tunnel or an address. */
export type Target = { readonly cname: string } | { readonly ipv4: string };

export interface HostnameProps {
  readonly zone: Zone;
  /** DNS label under the domain. */
  readonly label: string;
  readonly target: Target;
  /**
   * Whether requests go through Cloudflare, which hides the address and filters traffic.
   * @default true
   */
  readonly proxied?: boolean;
  /**
   * Whether to take over an existing record of this name, which a destroy then removes.
   * @default false - Cloudflare refuses a second record, and the apply fails
   */
  readonly adopt?: boolean;
}

/**
 * A CNAME to the tunnel, or an A record to the droplet.
 * @example new Hostname(this, "coda", { zone, label: "coda", target: tunnel });
 */
export class Hostname extends Construct {
  constructor(scope: Construct, id: string, { zone, label, target, proxied = true, adopt = false }: HostnameProps) {
    super(scope, id);
    const name = hostOf(label, zone.domain); // with a bare label, every plan would show a change
    const record = new DnsRecord(this, "record", { zoneId: zone.id, name, ttl: AUTO, proxied, ...recordFor(target) });
    if (adopt) this.#adopt(record, zone, name);
  }

  #adopt(resource: DnsRecord, zone: Zone, name: string): void {
    const existing = new DataCloudflareDnsRecords(this, "existing", { zoneId: zone.id, name: { exact: name } });
    // Records of other types, such as TXT, may exist beside ours.
    const found = `[for record in ${existing.fqn}.result : record.id if contains(["A", "AAAA", "CNAME"], record.type)]`;
    new Adoption(this, "adoption", { resource, found, prefix: `${zone.id}/` });
  }
}

/** The full name of a service. */
export const hostOf = (label: string, domain: string): string => `${label}.${domain}`;

/** Lets Cloudflare choose the time to live. A proxied record allows no other value. */
const AUTO = 1;

const recordFor = (target: Target) =>
  "cname" in target ? { type: "CNAME", content: target.cname } : { type: "A", content: target.ipv4 };
