/** What is different between two texts, line by line. */
import { styleText } from "node:util";
import { structuredPatch } from "diff";
import { printable } from "../../gateways/printable.ts";

/** How many equal lines are shown around a change. */
const context = 3;

/**
 * The lines of a diff as people know it, for a terminal. What is equal is left out but for a few lines.
 * @param title its heading, as a rule the file's name
 * @param before undefined for a file that is new; `after` for one that goes
 * @param shown what a person sees of a line @default all of it
 */
export function diffLines(
  title: string,
  before: string | undefined,
  after: string | undefined,
  shown = (line: string): string => line,
): string[] {
  const { hunks } = structuredPatch("", "", linesOf(before), linesOf(after), undefined, undefined, { context });
  const changes = hunks.flatMap(({ lines }, at) => [
    ...(at > 0 ? [styleText("dim", "...")] : []),
    ...lines.map((line) => styled(line[0]!, shown(line.slice(1)))),
  ]);
  return [styleText("bold", printable(title)), ...changes];
}

/** A line break that the last line lacks, and Windows' line breaks, are no change that a person reads. */
const linesOf = (text = "") => (text === "" ? "" : `${text.replaceAll("\r\n", "\n").replace(/\n$/, "")}\n`);

function styled(mark: string, text: string): string {
  const line = `${mark} ${printable(text.replaceAll("\t", "  "), { limit: 4_000 })}`.trimEnd();
  return mark === " " ? line : styleText(mark === "+" ? "green" : "red", line);
}
