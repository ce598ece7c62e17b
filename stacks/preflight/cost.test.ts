import { expect, test } from "vitest";
import { costLines, costPerMonth, oldPrices, PRICES_OF } from "./cost.ts";

test("the cost is the sum of droplet and volume", () => {
  expect(costPerMonth({ size: "s-1vcpu-2gb", volumeSize: 10, mode: "tunnel" })).toBe("$13.00 a month");
  expect(costPerMonth({ size: "s-2vcpu-4gb", volumeSize: 25, mode: "direct" })).toBe("$26.50 a month");
});

test("every resource has a line", () => {
  expect(costLines({ size: "s-1vcpu-1gb", volumeSize: 3, mode: "direct" })).toEqual([
    { what: "droplet s-1vcpu-1gb", dollars: 6 },
    { what: "volume of 3 GiB", dollars: 0.3 },
    { what: "reserved IP, while it is assigned", dollars: 0 },
    { what: "Cloudflare DNS", dollars: 0 },
  ]);
});

test("a size with an unknown price is not counted as free", () => {
  expect(costPerMonth({ size: "c-48", volumeSize: 10, mode: "tunnel" })).toBe(
    "$1.00 a month and the price of the droplet c-48 (see DigitalOcean's list)",
  );
});

test("prices that are old are said to be, from the month on in which they are", () => {
  expect(oldPrices(new Date("2027-02-28"), "2026-03-01")).toBeUndefined();
  expect(oldPrices(new Date("2027-03-01"), "2026-03-01")).toContain(
    "these prices are of 2026-03-01, more than 12 months ago",
  );
  expect(new Date(PRICES_OF).toISOString()).toBe(`${PRICES_OF}T00:00:00.000Z`);
});
