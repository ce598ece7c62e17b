import { expect, test } from "vitest";
import { Settings } from "../../stacks/settings.ts";
import { keepDroplet } from "./droplet.ts";

const droplet = "digitalocean_droplet.droplet";
const volume = "digitalocean_volume.droplet_volume_1A2B3C4D";
const server = new Settings([], { SERVER: "root@203.0.113.5" });

test.each([[[droplet]], [[volume]], [["cloudflare_dns_record.memory", droplet, volume]]])(
  "with SERVER, a plan that would destroy %j is refused with what to do",
  (destroy) => {
    const lost = destroy.filter((address) => address.startsWith("digitalocean_")).join(" and ");
    expect(() => keepDroplet({ destroy }, server)).toThrow(
      `SERVER (from the environment) is set, and this project has a droplet: the deploy would destroy ${lost} WITH ALL DATA`,
    );
    expect(() => keepDroplet({ destroy }, server)).toThrow("npx gangway destroy services edge");
  },
);

test.each([
  ["nothing of the droplet goes", ["digitalocean_ssh_key.key", "docker_container.memory_container"], server],
  ["there is no SERVER", [droplet, volume], new Settings([], {})],
])("a plan is let through where %s", (_, destroy, settings) => {
  expect(() => keepDroplet({ destroy }, settings)).not.toThrow();
});
