/** What the resources of a plan cost a month, before and after. What is not in the list costs nothing, or is not ours to know. */
import * as z from "zod/mini";
import { dropletPrice, oldPrices, PRICES_OF, volumePrice } from "../../stacks/preflight/cost.ts";
import { renderTable, right } from "../kit/table.ts";

/** US dollars a month; undefined: there is such a thing, and its price is not known. */
type Dollars = number | undefined;

/** One resource. */
export interface Cost {
  /** As a reader calls it, with its size. */
  readonly what: string;
  /** 0 for what is not there yet. */
  readonly before: Dollars;
  /** 0 for what is removed. */
  readonly after: Dollars;
}

const droplet = z.object({ size: z.string(), price_monthly: z.optional(z.nullable(z.number())) });
const volume = z.object({ size: z.number() });

/** What costs something, by its type: how it is called, and its price. */
const priced: Readonly<Record<string, (values: unknown) => { what: string; dollars: Dollars } | undefined>> = {
  // The provider knows the price of a droplet that is there.
  digitalocean_droplet: (values) => {
    const { data } = droplet.safeParse(values);
    return data && { what: `droplet ${data.size}`, dollars: data.price_monthly ?? dropletPrice(data.size) };
  },
  digitalocean_volume: (values) => {
    const { data } = volume.safeParse(values);
    return data && { what: `volume of ${data.size} GiB`, dollars: volumePrice(data.size) };
  },
  digitalocean_reserved_ip: (values) =>
    values ? { what: "reserved IP, while it is assigned", dollars: 0 } : undefined,
};

/** @param changes of a plan, those without a change among them */
export function costsIn(
  changes: readonly {
    readonly address: string;
    readonly change: { readonly before?: unknown; readonly after?: unknown };
  }[],
): Cost[] {
  return changes.flatMap(({ address, change }) => {
    const price = priced[address.slice(0, address.indexOf("."))];
    const [before, after] = [price?.(change.before), price?.(change.after)];
    if (before === undefined && after === undefined) return [];
    const isSame = before?.what === after?.what;
    const what = [...new Set([before?.what, after?.what])].filter((one) => one !== undefined).join(" -> ");
    // Of the same size, what is there now has the price that counts.
    const then = isSame ? before?.dollars : after === undefined ? 0 : after.dollars;
    return [{ what, before: before === undefined ? 0 : before.dollars, after: then }];
  });
}

/** A table for a terminal or a comment; undefined where nothing costs anything. */
export function costSummary(costs: readonly Cost[], now: Date = new Date()): string | undefined {
  if (costs.length === 0) return undefined;
  const rows = costs.map(({ what, before, after }) => [{ text: what }, right(shown(before)), right(shown(after))]);
  const total = [
    { text: "together" },
    right(sum(costs.map(({ before }) => before))),
    right(sum(costs.map(({ after }) => after))),
  ];
  const old = oldPrices(now);
  return [
    `### cost a month in US dollars, without tax (DigitalOcean's prices of ${PRICES_OF}; Cloudflare's part is free)`,
    "```",
    ...renderTable([[{ text: "" }, right("now"), right("then")], ...rows, total]),
    "```",
    ...(old === undefined ? [] : [old]),
  ].join("\n");
}

const shown = (dollars: Dollars) => dollars?.toFixed(2) ?? "?";

/** What is not known is not counted as nothing. */
function sum(all: readonly Dollars[]): string {
  const known = all.reduce<number>((total, one = 0) => total + one, 0).toFixed(2);
  return all.includes(undefined) ? `${known} + ?` : known;
}
