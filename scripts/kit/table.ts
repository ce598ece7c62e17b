/** Tables and indented text for a terminal. */
import { styleText } from "node:util";
import { printable } from "../../gateways/printable.ts";

/** A cell: its text, and how it looks where colours are shown. */
export interface Cell {
  readonly text: string;
  readonly style?: Parameters<typeof styleText>[0];
  /** @default "left" */
  readonly align?: "left" | "right";
}

/** How many characters a sentence has at most: a server may have its say in it. */
const LONGEST = 4_000;

/** What fits beside the margin on a terminal of 100 columns. */
const lineWidth = 98;

/** A figure, or the title above figures. */
export const right = (text: string): Cell => ({ text, align: "right" });

/** How many characters a line of the terminal has; elsewhere 80. */
export const terminalWidth = (): number => process.stdout.columns || 80;

/**
 * The lines of a table: each column is as wide as its longest cell.
 * @param width how many characters a line may have: what is too long in the widest columns is cut off. @default - any number
 */
export function renderTable(said: readonly (readonly Cell[])[], width = Infinity): string[] {
  const rows = said.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const columns = longest(rows.map((row) => row.length));
  const natural = Array.from({ length: columns }, (_, column) =>
    longest(rows.map((row) => row[column]?.text.length ?? 0)),
  );
  const widths = fitted(natural, width);
  return rows.map((row) =>
    row
      .map((cell, column) => render(cell, widths[column] ?? 0))
      .join(gap)
      .trimEnd(),
  );
}

/** Not Math.max, which takes only so many arguments: a server may have any number of tools. */
const longest = (lengths: readonly number[]) => lengths.reduce((most, length) => Math.max(most, length), 0);

/** A column is not made narrower than this. */
const NARROWEST = 8;

/** The widths of columns that fit beside each other. The widest one gives way first. */
function fitted(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, one) => sum + one, gap.length * (widths.length - 1));
  for (let widest = longest(widths); total() > width && widest > NARROWEST; widest = longest(widths))
    widths[widths.lastIndexOf(widest)] = widest - 1;
  return widths;
}

/** Indents each line that is not empty by two spaces. */
export const indent = (lines: string): string => lines.replace(/^(?=.)/gm, "  ");

/** Breaks a sentence into lines that fit; all begin with `lead`, and those after the first are indented. */
export function wrap(sentence: string, lead = "", width = lineWidth): string[] {
  const lines: string[] = [];
  let line = lead;
  for (const word of printable(sentence.replace(/[\r\n\t]+/g, " "), { limit: LONGEST }).split(" ")) {
    const longer = line.trim() === "" ? line + word : `${line} ${word}`;
    if (longer.length <= width || line.trim() === "") {
      line = longer;
      continue;
    }
    lines.push(line);
    line = `${lead}  ${word}`;
  }
  return [...lines, line];
}

const gap = "  ";

function render({ text, style, align = "left" }: Cell, width: number): string {
  const fitting = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  const padding = " ".repeat(width - fitting.length);
  // styleText itself omits colours where the output is not a terminal, or NO_COLOR is set.
  const shown = style === undefined ? fitting : styleText(style, fitting);
  return align === "left" ? shown + padding : padding + shown;
}
