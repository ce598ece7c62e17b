/** What the stack edge costs a month at DigitalOcean. Cloudflare's part is free on its free plan. */

/** US dollars a month, as an estimate. @see DigitalOcean, Pricing, Droplets (Basic, regular) and Volumes */
const DROPLETS: Readonly<Record<string, number>> = {
  "s-1vcpu-1gb": 6,
  "s-1vcpu-2gb": 12,
  "s-2vcpu-2gb": 18,
  "s-2vcpu-4gb": 24,
};

/** US dollars a month per GiB. */
const VOLUME = 0.1;

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
    { what: `droplet ${size}`, dollars: DROPLETS[size] },
    { what: `volume of ${volumeSize} GiB`, dollars: Math.round(volumeSize * VOLUME * 100) / 100 },
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
