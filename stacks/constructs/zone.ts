/** The Cloudflare zone that the hostnames are in. */
import { DataCloudflareZones } from "@cdktf/provider-cloudflare/lib/data-cloudflare-zones/index.js";
import { Construct } from "constructs";

export interface ZoneProps {
  /** The domain under which the services stand. */
  readonly domain: string;
  /** @default - looked up: the zone that is named like the domain */
  readonly zoneId?: string | undefined;
}

/**
 * The id of the domain's zone.
 * @example new Zone(this, "zone", { domain: "example.org" });
 */
export class Zone extends Construct {
  readonly domain: string;
  readonly id: string;

  constructor(scope: Construct, id: string, { domain, zoneId }: ZoneProps) {
    super(scope, id);
    this.domain = domain;
    this.id = zoneId ?? this.#lookUp();
  }

  #lookUp(): string {
    const found = new DataCloudflareZones(this, "zone", {
      name: this.domain,
      lifecycle: {
        postcondition: [
          {
            condition: "${length(self.result) == 1}",
            errorMessage:
              `Cloudflare has no zone ${this.domain} that CLOUDFLARE_API_TOKEN can read: add the domain to Cloudflare, ` +
              "give the token Zone / Zone / Read on it, or set CLOUDFLARE_ZONE_ID (for a subdomain of a zone: the zone's id).",
          },
        ],
      },
    });
    return found.result.get(0).id;
  }
}
