/** What the stack edge costs a month at DigitalOcean. Cloudflare's part is free on its free plan. */

/** When the prices were compared with DigitalOcean's own list. Whoever changes one compares all, and writes the day here. */
export const PRICES_OF = "2026-09-20";

/** Where that list is. */
export const PRICE_LIST = "https://www.digitalocean.com/pricing";

/** Months after which a plan says that the prices are old. */
const MONTHS = 12;

/** US dollars a month. @see PRICE_LIST, Droplets: Basic (regular, premium), CPU-Optimized and General Purpose */
const DROPLETS: Readonly<Record<string, number>> = {
  "s-1vcpu-512mb-10gb": 4,
  "s-1vcpu-1gb": 6,
  "s-1vcpu-1gb-amd": 7,
  "s-1vcpu-1gb-intel": 7,
  "s-1vcpu-2gb": 12,
  "s-1vcpu-2gb-amd": 14,
  "s-1vcpu-2gb-intel": 14,
  "s-2vcpu-2gb": 18,
  "s-2vcpu-2gb-amd": 21,
  "s-2vcpu-2gb-intel": 21,
  "s-2vcpu-4gb": 24,
  "s-2vcpu-4gb-amd": 28,
  "s-2vcpu-4gb-intel": 28,
  "s-2vcpu-8gb-amd": 42,
  "s-4vcpu-8gb": 48,
  "s-4vcpu-8gb-amd": 56,
  "s-4vcpu-8gb-intel": 56,
  "s-4vcpu-16gb-amd": 84,
  "s-8vcpu-16gb": 96,
  "c-2": 42,
  "c-4": 84,
  "g-2vcpu-8gb": 63,
  "g-4vcpu-16gb": 126,
};

/** US dollars a month per GiB. */
const VOLUME = 0.1;

/** US dollars a month; undefined where the table has no price. */
export const dropletPrice = (size: string): number | undefined => DROPLETS[size];

/** US dollars a month. @param gib its size */
export const volumePrice = (gib: number): number => Math.round(gib * VOLUME * 100) / 100;

/** A line when the prices are old; undefined while they are not. */
export function oldPrices(now: Date = new Date(), of: string = PRICES_OF): string | undefined {
  const until = new Date(of);
  until.setUTCMonth(until.getUTCMonth() + MONTHS);
  return now < until
    ? undefined
    : `these prices are of ${of}, more than ${MONTHS} months ago: compare them with ${PRICE_LIST}`;
}

export interface Plan {
  /** A droplet size of DigitalOcean, as in "s-1vcpu-2gb". */
  readonly size: string;
  /** Size of the data volume in GiB. */
  readonly volumeSize: number;
  readonly mode: "tunnel" | "direct";
}

export interface CostLine {
  readonly what: string;
  /** US dollars a month; undefined if the table has no price. */
  readonly dollars: number | undefined;
}

/** A line for each resource that costs something or might be expected to. */
export function costLines({ size, volumeSize, mode }: Plan): CostLine[] {
  const edge =
    mode === "tunnel"
      ? [{ what: "Cloudflare Tunnel and DNS", dollars: 0 }]
      : [
          { what: "reserved IP, while it is assigned", dollars: 0 },
          { what: "Cloudflare DNS", dollars: 0 },
        ];
  return [
    { what: `droplet ${size}`, dollars: dropletPrice(size) },
    { what: `volume of ${volumeSize} GiB`, dollars: volumePrice(volumeSize) },
    ...edge,
  ];
}

/** The sum, as a deploy shows it: "$13.00 a month". */
export function costPerMonth(plan: Plan): string {
  const lines = costLines(plan);
  const known = lines.reduce((sum, { dollars = 0 }) => sum + dollars, 0);
  const unknown = lines.filter(({ dollars }) => dollars === undefined).map(({ what }) => what);
  const more =
    unknown.length === 0 ? "" : ` and the price of the ${unknown.join(" and the ")} (see DigitalOcean's list)`;
  return `$${known.toFixed(2)} a month${more}`;
}
