/** Shows what changes in a client's file, without the tokens that are in it. */
import { structuredPatch } from "diff";
import { type Paint } from "../../../gateways/colours.ts";
import { printable } from "../../../gateways/printable.ts";

/** A unified diff. @param secrets values that are never shown */
export function showDiff(
  file: string,
  before: string,
  after: string,
  secrets: readonly string[],
  paint: Paint,
): string {
  const { hunks } = structuredPatch(file, file, before, after, undefined, undefined, { context: 3 });
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    paint("dim", `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`),
    ...lines.map((line) => painted(shown(line, secrets), paint)),
  ]);
  return [paint("bold", `--- ${printable(file)}`), paint("bold", `+++ ${printable(file)}`), ...lines].join("\n");
}

/** Of no lines at all, a unified diff names the line before them. */
const range = (start: number, lines: number) => `${lines === 0 ? start - 1 : start},${lines}`;

function painted(line: string, paint: Paint): string {
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}

/** Of a line that is very long, the two ends: there are files of one line. */
const ENDS = 200;

function shown(line: string, secrets: readonly string[]): string {
  const hidden = withoutSecrets(line.replace(/\r$/, ""), secrets);
  const { length } = hidden;
  const short = length <= 2 * ENDS ? hidden : `${hidden.slice(0, ENDS)} … ${hidden.slice(length - ENDS)}`;
  return printable(short, { limit: Infinity, lines: true });
}

/** A value whose key says that it is secret. One that refers to a variable is none. */
const SECRET =
  /((?:token|secret|password|passwd|api[-_]?key|authorization|credential)s?["']?\s*[:=]\s*["']?(?:(?:Bearer|Basic) )?)(?!(?:Bearer|Basic) |[^"'\s,}]*[$<{])[^"'\s,}]{6,}/gi;

/** Tokens in their own shapes, wherever they stand. */
const SHAPES = /\b(?:Bearer (?![$<{])[\w.~+/=-]{6,}|(?:ghp|gho|ghs|github_pat|sk|npm|xox[abp])[_-][\w-]{12,})/g;

function withoutSecrets(line: string, secrets: readonly string[]): string {
  const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), line);
  return known
    .replace(SECRET, "$1***")
    .replace(SHAPES, (found) => (found.startsWith("Bearer ") ? "Bearer ***" : "***"));
}
