/** The first table: one line for each figure that is compared. */
import type { Column } from "./measures/measure.ts";
import type { Results, Table } from "./results.ts";

/** The rows of the table, beginning with its head. */
export function glance({ targets, tables }: Results): string[][] {
  const ours = targets.filter(({ kind }) => kind === "ours").map(({ name }) => name);
  const head = ["", ...ours.flatMap((name) => [name, "x floor", "x better peer"]), "better peer"];
  const lines = tables.flatMap((table) =>
    table.columns
      .filter(({ ratio, glance: shown }) => ratio !== undefined || shown)
      .map((column) => [
        `${table.title}: ${column.title}${column.less ? " (less is better)" : ""}`,
        ...ours.flatMap((name) => cells(table, column, name)),
        table.betterPeer ?? "-",
      ]),
  );
  return [head, ...lines];
}

function cells({ rows, betterPeer }: Table, { key, digits }: Column, name: string): string[] {
  const row = rows.find(({ target }) => target === name);
  const value = row?.values[key];
  const { floor, peers } = row?.ratios[key] ?? {};
  const peer = peers?.[betterPeer ?? ""];
  return [value?.toFixed(digits) ?? "-", floor ? ratioText(floor.median) : "-", peer ? ratioText(peer.median) : "-"];
}

/** A ratio with as many digits as it needs. */
export function ratioText(ratio: number): string {
  if (ratio < 0.095) return ratio.toPrecision(2);
  return ratio.toFixed(ratio < 9.95 ? 2 : ratio < 99.5 ? 1 : 0);
}
