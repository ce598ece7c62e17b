/** What a destroy removes, and what it leaves, in words. */
import type { Changes } from "./changes.ts";
import type { Planned } from "./planned.ts";

/** Kinds of resources, as a reader calls them, in the order in which they matter. What has no name here is a part of something else. */
const kinds: readonly (readonly [type: string, words: string])[] = [
  ["digitalocean_droplet", "the droplet"],
  ["digitalocean_volume", "the volume with ALL DATA of the services"],
  ["digitalocean_reserved_ip", "the reserved address"],
  ["digitalocean_firewall", "the firewall"],
  ["digitalocean_ssh_key", "the SSH key at DigitalOcean"],
  ["cloudflare_zero_trust_tunnel_cloudflared", "the tunnel"],
  ["cloudflare_dns_record", "DNS records"],
  ["cloudflare_ruleset", "rules at Cloudflare"],
  ["docker_container", "containers"],
  ["docker_network", "networks"],
  ["docker_volume", "volumes with secrets"],
];

/** Whether there is nothing to remove. */
export const isNothing = ({ changes, strays }: Planned): boolean => changes.destroy.length === 0 && strays.length === 0;

/** A heading, a line for each kind of thing that goes, and what stays. */
export function removalOf(stack: string, { changes, strays, notices }: Planned): string {
  const lines = kinds.flatMap(([type, words]) => lineFor(words, removedOf(type, changes)));
  const images = changes.destroy.some((address) => address.startsWith("docker_image."));
  return [
    `${stack}: this removes`,
    ...lines.map((line) => `  - ${line}`),
    ...strays.map(({ name }) => `  - the container ${name}, which was left over`),
    ...(images ? ["Images stay: docker image prune -a removes all that nothing uses."] : []),
    ...[...notices, ...changes.notices].map((line) => `! ${line}`),
  ].join("\n");
}

/** What they are called where the plan says it, else by their constructs. */
function removedOf(type: string, { destroy, called }: Changes): string[] {
  return destroy.filter((address) => address.startsWith(`${type}.`)).map((address) => called.get(address) ?? address);
}

const lineFor = (words: string, names: readonly string[]) =>
  names.length === 0 ? [] : [`${words}: ${names.toSorted().join(", ")}`];
