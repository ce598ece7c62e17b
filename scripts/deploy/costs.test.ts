import { describe, expect, test } from "vitest";
import { costsIn, costSummary } from "./costs.ts";

const change = (address: string, before: unknown, after: unknown) => ({ address, change: { before, after } });

describe("the cost of a plan", () => {
  test("has a line for each thing that costs something, before and after", () => {
    const costs = costsIn([
      change("digitalocean_droplet.droplet_1", { size: "s-1vcpu-2gb" }, { size: "s-2vcpu-4gb" }),
      change("digitalocean_volume.volume_1", { size: 10 }, { size: 25 }),
      change("digitalocean_reserved_ip.address_1", null, { region: "fra1" }),
      change("cloudflare_dns_record.docs_1", null, { name: "docs" }),
    ]);
    expect(costs).toEqual([
      { what: "droplet s-1vcpu-2gb -> droplet s-2vcpu-4gb", before: 12, after: 24 },
      { what: "volume of 10 GiB -> volume of 25 GiB", before: 1, after: 2.5 },
      { what: "reserved IP, while it is assigned", before: 0, after: 0 },
    ]);
    expect(costSummary(costs)).toMatch(/together +13\.00 +26\.50/);
  });

  test("is nothing before what is new, and after what is removed", () => {
    const droplet = { size: "s-1vcpu-1gb" };
    expect(costsIn([change("digitalocean_droplet.a", null, droplet)])).toMatchObject([{ before: 0, after: 6 }]);
    expect(costsIn([change("digitalocean_droplet.a", droplet, null)])).toMatchObject([{ before: 6, after: 0 }]);
  });

  test("of a droplet that is there is what the provider says, also when it is made again", () => {
    const [cost] = costsIn([
      change("digitalocean_droplet.a", { size: "s-1vcpu-2gb", price_monthly: 13 }, { size: "s-1vcpu-2gb" }),
    ]);
    expect(cost).toEqual({ what: "droplet s-1vcpu-2gb", before: 13, after: 13 });
  });

  test("that is not known is not counted as nothing", () => {
    const costs = costsIn([change("digitalocean_droplet.a", null, { size: "c-480" })]);
    expect(costSummary(costs)).toMatch(/together +0\.00 +0\.00 \+ \?/);
  });

  test("has no table where nothing costs anything, and a word about prices that are old", () => {
    expect(costSummary(costsIn([change("docker_container.a", null, { name: "a" })]))).toBeUndefined();
    const costs = costsIn([change("digitalocean_volume.a", null, { size: 10 })]);
    expect(costSummary(costs, new Date("2099-01-01"))).toContain("more than 12 months ago");
    expect(costSummary(costs, new Date("2026-10-01"))).not.toContain("months ago");
  });
});
