/** Shows what changes in a client's file, without the tokens that are in it. */
import { diffLines } from "../../kit/diff.ts";

/** @param secrets values that are never shown */
export const showDiff = (file: string, before: string, after: string, secrets: readonly string[]): string =>
  diffLines(file, before, after, (line) => shown(line, secrets)).join("\n");

/** Of a line that is very long, the two ends: there are files of one line. */
const ENDS = 200;

function shown(line: string, secrets: readonly string[]): string {
  const hidden = withoutSecrets(line, secrets);
  const { length } = hidden;
  return length <= 2 * ENDS ? hidden : `${hidden.slice(0, ENDS)} … ${hidden.slice(length - ENDS)}`;
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
