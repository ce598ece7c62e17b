/** The networks that Cloudflare connects from, as it says at each plan: a change of theirs is a change of ours. */
import { DataCloudflareIpRanges } from "@cdktf/provider-cloudflare/lib/data-cloudflare-ip-ranges/index.js";
import { Fn, Token } from "cdktf";
import type { Construct } from "constructs";

/**
 * IPv4 and IPv6, as CIDRs.
 * @see https://www.cloudflare.com/ips
 */
export function cloudflareNetworks(scope: Construct): string[] {
  const { ipv4Cidrs, ipv6Cidrs } = new DataCloudflareIpRanges(scope, "cloudflare-networks", {});
  return Token.asList(Fn.concat([ipv4Cidrs, ipv6Cidrs]));
}
