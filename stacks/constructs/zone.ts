/** The Cloudflare zone of the services' names. */
import { DataCloudflareZones } from "@cdktf/provider-cloudflare/lib/data-cloudflare-zones/index.js";
import { Construct } from "constructs";

export interface ZoneProps {
  /** The domain of the services. */
  readonly domain: string;
  /** The zone's id. @default - looked up by the domain's name */
  readonly zoneId?: string | undefined;
}

/**
 * The zone, given by its id or looked up by its name.
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
              `Cloudflare has no zone ${this.domain} that CLOUDFLARE_API_TOKEN can read. Add the domain to Cloudflare, ` +
              "give the token Zone / Zone / Read on it, or, for a subdomain of a zone, set CLOUDFLARE_ZONE_ID.",
          },
        ],
      },
    });
    return found.result.get(0).id;
  }
}
