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

/** The lines of a table: each column is as wide as its longest cell. */
export function renderTable(said: readonly (readonly Cell[])[]): string[] {
  const rows = said.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.text.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => render(cell, widths[column] ?? 0))
      .join(gap)
      .trimEnd(),
  );
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
  const padding = " ".repeat(width - text.length);
  // styleText itself omits colours where the output is not a terminal, or NO_COLOR is set.
  const shown = style === undefined ? text : styleText(style, text);
  return align === "left" ? shown + padding : padding + shown;
}
