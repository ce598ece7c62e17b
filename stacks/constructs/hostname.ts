/** The public name of one service. */
import { DataCloudflareDnsRecords } from "@cdktf/provider-cloudflare/lib/data-cloudflare-dns-records/index.js";
import { DnsRecord } from "@cdktf/provider-cloudflare/lib/dns-record/index.js";
import { Construct } from "constructs";
import { Adoption } from "./adoption.ts";
import type { Zone } from "./zone.ts";

/** What a name points at: a tunnel, or an address. */
export type Target = { readonly cname: string } | { readonly ipv4: string };

export interface HostnameProps {
  readonly zone: Zone;
  /** DNS label under the domain. */
  readonly label: string;
  readonly target: Target;
  /**
   * Whether Cloudflare stands in front (hides the address, filters traffic).
   * @default true
   */
  readonly proxied?: boolean;
  /**
   * Whether a record of this name that exists already becomes ours; a destroy then removes it.
   * @default false - Cloudflare refuses a second one, and the apply ends there
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
    const name = hostOf(label, zone.domain); // in full: of a bare label the provider would see a change at every plan
    const record = new DnsRecord(this, "record", { zoneId: zone.id, name, ttl: AUTO, proxied, ...recordFor(target) });
    if (adopt) this.#adopt(record, zone, name);
  }

  #adopt(resource: DnsRecord, zone: Zone, name: string): void {
    const existing = new DataCloudflareDnsRecords(this, "existing", { zoneId: zone.id, name: { exact: name } });
    // Others, such as TXT, may stand beside ours.
    const found = `[for record in ${existing.fqn}.result : record.id if contains(["A", "AAAA", "CNAME"], record.type)]`;
    new Adoption(this, "adoption", { resource, found, prefix: `${zone.id}/` });
  }
}

/** The name under which a service is found. */
export const hostOf = (label: string, domain: string): string => `${label}.${domain}`;

/** The time to live that Cloudflare chooses, and the only one that a proxied record has. */
const AUTO = 1;

const recordFor = (target: Target) =>
  "cname" in target ? { type: "CNAME", content: target.cname } : { type: "A", content: target.ipv4 };
