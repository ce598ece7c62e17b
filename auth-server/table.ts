/** Tables on a terminal. What clients and users call themselves stands in them, so each cell is made printable. */
import { printable } from "../gateways/printable.ts";

/** Characters of the longest cell. */
const LONGEST = 80;

const GAP = "  ";

/** The lines of a table, whose columns are as wide as their longest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => printable(cell, { limit: LONGEST })));
  const widths = head.map((_, column) => cells.reduce((most, row) => Math.max(most, row[column]!.length), 0));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}
