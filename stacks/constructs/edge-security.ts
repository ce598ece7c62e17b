/** Rules at Cloudflare's edge for our hosts only. They need more rights than a token for tunnels and DNS has. */
import { Ruleset, type RulesetRules } from "@cdktf/provider-cloudflare/lib/ruleset/index.js";
import { Construct } from "constructs";
import type { Zone } from "./zone.ts";

/** How Cloudflare connects to the origin. */
export type SslMode = "off" | "flexible" | "full" | "strict";

export interface EdgeSecurityProps {
  readonly zone: Zone;
  /** The full names that the rules apply to. */
  readonly hosts: readonly string[];
  /**
   * The SSL mode for our hosts. The token needs Zone / Config Rules / Edit.
   * @default - the zone's own
   */
  readonly sslMode?: SslMode | undefined;
  /**
   * Requests in 10 seconds that one address may send to our hosts before Cloudflare blocks it for 10 seconds. The token needs
   * Zone / Zone WAF / Edit, and a rule on host names needs a paid plan.
   * @default - no limit at the edge; nginx-proxy has its own
   */
  readonly rateLimit?: number | undefined;
}

/**
 * A ruleset for each rule that is set. A zone has one ruleset per phase, so Cloudflare refuses ours if the zone already has
 * rules in that phase.
 * @example new EdgeSecurity(this, "edge-security", { zone, hosts, sslMode: "full" });
 */
export class EdgeSecurity extends Construct {
  constructor(scope: Construct, id: string, { zone, hosts, sslMode, rateLimit }: EdgeSecurityProps) {
    super(scope, id);
    const expression = `(http.host in {${hosts.map((host) => `"${host}"`).join(" ")}})`;
    const add = (name: string, phase: string, rule: Omit<RulesetRules, "expression" | "enabled">) =>
      new Ruleset(this, name, {
        zoneId: zone.id,
        kind: "zone",
        name: `gangway ${name}`,
        phase,
        rules: [{ ...rule, expression, enabled: true }],
      });
    if (sslMode) add("ssl-mode", "http_config_settings", setSslMode(sslMode));
    if (rateLimit) add("rate-limit", "http_ratelimit", holdOff(rateLimit));
  }
}

const setSslMode = (ssl: SslMode) => ({
  ref: "gangway_ssl_mode",
  description: "SSL mode of the gateways",
  action: "set_config",
  actionParameters: { ssl },
});

/** 10 seconds is the only period that every plan has. */
const holdOff = (requestsPerPeriod: number) => ({
  ref: "gangway_rate_limit",
  description: "Requests of one address to the gateways",
  action: "block",
  ratelimit: {
    characteristics: ["cf.colo.id", "ip.src"],
    period: 10,
    requestsPerPeriod,
    mitigationTimeout: 10,
  },
});
