/** A dotenv file, read as Node reads it, and every line of it that does not say what its writer meant. No message repeats a value. */
import { parseEnv } from "node:util";
import { didYouMean, type KnownNames } from "./names.ts";

/** What a dotenv file sets. */
export interface EnvFile {
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Lines for which nothing may start: what they were meant to set is not set. */
  readonly mistakes: readonly string[];
  /** What the reader should know: variables that have no effect. */
  readonly notices: readonly string[];
}

/** A variable that the file sets. */
interface Assignment {
  readonly name: string;
  readonly line: number;
  /** What stands after `=` on that line, and on the following ones while a quote is open. */
  readonly written: string;
}

/** @param known the settings that there are; undefined: the names are not checked */
export function readEnvText(text: string, known?: KnownNames): EnvFile {
  const { assignments, mistakes } = scan(text);
  const values = parseEnv(withoutMark(text));
  const isOurs = ({ name }: Assignment) => known?.settings.includes(name) ?? true;
  const told = known === undefined ? [] : assignments.map((one) => didYouMean(one.name, known, one.line));
  return {
    values,
    mistakes: inOrder([
      ...mistakes,
      ...told.flatMap((one) => one?.mistake ?? []),
      ...assignments.flatMap((one) => oddValue(one, isOurs(one))),
      ...duplicates(assignments.filter(isOurs), values),
    ]),
    notices: told.flatMap((one) => one?.notice ?? []),
  };
}

/** As the lines stand in the file. */
const inOrder = (problems: readonly string[]) =>
  problems.toSorted((a, b) => Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0]));

/** Some editors write one. To Node it would be part of the first name. */
const withoutMark = (text: string) => text.replace(/^\uFEFF/, "");

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(.*)$/;

function scan(text: string): { assignments: Assignment[]; mistakes: string[] } {
  const lines = withoutMark(text).split(/\r?\n/);
  const assignments: Assignment[] = [];
  const mistakes: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, first = ""] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined) {
      mistakes.push(`.env line ${at + 1} sets nothing: expected NAME=value, or # in front of a comment`);
      continue;
    }
    const length = quotedLines(first, lines.slice(at + 1));
    assignments.push({ name, line: at + 1, written: [first, ...lines.slice(at + 1, at + length)].join("\n") });
    at += length - 1;
  }
  return { assignments, mistakes };
}

/** How many lines a value has: a quoted one may go on, until its quote is closed. */
function quotedLines(first: string, following: readonly string[]): number {
  const [quote = ""] = /^["'`]/.exec(first) ?? [];
  if (quote === "" || first.indexOf(quote, 1) > 0) return 1;
  const more = following.findIndex((line) => line.includes(quote));
  return more < 0 ? 1 : more + 2;
}

/**
 * Values of which Node makes something else than what stands there.
 * @param isOurs whether the value means something to us; one that swallows other lines matters in any case
 */
function oddValue({ name, line, written }: Assignment, isOurs: boolean): string[] {
  const [quote] = /^["'`]/.exec(written) ?? [];
  const odd = (problem: string) => [`.env line ${line}: ${name} ${problem}`];
  const end = quote === undefined ? -1 : written.indexOf(quote, 1);
  const more = end < 0 ? "" : written.slice(1, end).split("\n").slice(1).join("\n");
  const [, swallowed] = /^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)=/m.exec(more) ?? [];
  if (swallowed !== undefined)
    return odd(`swallows the line that sets ${swallowed}: close its quote with ${quote} before that`);
  if (!isOurs) return [];
  if (quote === undefined)
    return /^[^#]*[^#\s]#/.test(written)
      ? odd("is cut off at its #, which begins a comment: put the value into quotes")
      : [];
  if (end < 0) return odd(`begins with a quote that is never closed: close it with ${quote}`);
  const rest = written.slice(end + 1).trim();
  return rest === "" || rest.startsWith("#") ? [] : odd("has text after its closing quote, which would be lost");
}

/** A variable that is set twice: the last one counts, and that may not be the one that was meant. */
function duplicates(assignments: readonly Assignment[], values: EnvFile["values"]): string[] {
  return [...new Set(assignments.map(({ name }) => name))].flatMap((name) => {
    const all = assignments.filter((one) => one.name === name);
    const written = new Set(all.map((one) => one.written.trim()).filter((one) => one !== ""));
    const isClear = all.length === 1 || written.size === 0 || (written.size === 1 && values[name] !== "");
    const at = all.map(({ line }) => line);
    return isClear ? [] : [`.env line ${at.at(-1)}: ${name} is set on line ${at[0]} already, expected it once`];
  });
}
