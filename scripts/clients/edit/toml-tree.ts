/** Where tables and keys stand in a TOML text that a parser has accepted. */
import { parse } from "smol-toml";
import { remembering } from "./syntax.ts";

/** A header of a table: `[a.b]` or `[[a.b]]`. */
export interface Table {
  readonly kind: "table";
  /** From the top. An item of a list has its place as a key, which no name is equal to. */
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** A key with its value. */
export interface Pair {
  readonly kind: "pair";
  /** From the top: of its table, and its own keys. */
  readonly path: readonly string[];
  /** The path of the table or inline table that it is in. */
  readonly table: readonly string[];
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  /** What is in its inline table. undefined = its value is none */
  readonly members?: readonly Pair[] | undefined;
}

export type Statement = Table | Pair;

/** All of a text, in its order. */
export const statementsOf = remembering((text): readonly Statement[] => {
  const found: Statement[] = [];
  let table: readonly string[] = [];
  for (let at = afterBlanks(text, 0); at < text.length; at = afterBlanks(text, found.at(-1)?.end ?? text.length)) {
    const statement = text[at] === "[" ? tableAt(text, at, found.length) : pairAt(text, at, table);
    if (statement.kind === "table") table = statement.path;
    found.push(statement);
  }
  return found;
});

function tableAt(text: string, start: number, place: number): Table {
  const isItem = text.startsWith("[[", start);
  const { keys, end } = keysAt(text, start + (isItem ? 2 : 1));
  return { kind: "table", path: isItem ? [...keys, `[${place}]`] : keys, start, end: end + (isItem ? 2 : 1) };
}

function pairAt(text: string, start: number, table: readonly string[]): Pair {
  const { keys, end: equals } = keysAt(text, start);
  const path = [...table, ...keys];
  const valueStart = afterSpaces(text, equals + 1);
  if (text[valueStart] !== "{")
    return { kind: "pair", path, table, start, valueStart, end: afterValue(text, valueStart) };
  const members: Pair[] = [];
  let at = afterBlanks(text, valueStart + 1);
  while (text[at] !== "}" && at < text.length) {
    const member = pairAt(text, at, path);
    members.push(member);
    at = afterBlanks(text, member.end);
    if (text[at] === ",") at = afterBlanks(text, at + 1);
  }
  return { kind: "pair", path, table, start, valueStart, end: at + 1, members };
}

/** Dotted keys, and where the sign after them is. */
function keysAt(text: string, start: number): { keys: string[]; end: number } {
  const keys: string[] = [];
  let at = start;
  do {
    const from = afterSpaces(text, keys.length === 0 ? at : at + 1);
    const isQuoted = /["']/.test(text.charAt(from));
    const to = isQuoted ? afterString(text, from) : afterBareKey(text, from);
    const key = text.slice(from, to);
    keys.push(isQuoted ? (Object.keys(parse(`${key}=0`))[0] ?? "") : key);
    at = afterSpaces(text, to);
  } while (text[at] === ".");
  return { keys, end: at };
}

function afterBareKey(text: string, start: number): number {
  let at = start;
  while (/[\w-]/.test(text.charAt(at))) at++;
  return at;
}

/** Where a value that is no inline table ends. */
function afterValue(text: string, start: number): number {
  let at = start;
  for (let depth = 0; at < text.length;) {
    const sign = text.charAt(at);
    if (/["']/.test(sign)) at = afterString(text, at);
    else if (sign === "#" && depth > 0) at = lineBreak(text, at);
    else if (depth === 0 && /[\n#,}\]]/.test(sign)) break;
    else {
      if (/[[{]/.test(sign)) depth++;
      if (/[\]}]/.test(sign)) depth--;
      at++;
    }
  }
  return start + text.slice(start, at).trimEnd().length;
}

/** Of each of the four kinds. One in three quotes may have up to two more of them at its end. */
function afterString(text: string, start: number): number {
  const quote = text.charAt(start);
  const mark = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  let at = start + mark.length;
  while (at < text.length && !text.startsWith(mark, at)) at += quote === '"' && text[at] === "\\" ? 2 : 1;
  at += mark.length;
  for (let more = 0; more < 2 && mark.length === 3 && text[at] === quote; more++) at++;
  return at;
}

const lineBreak = (text: string, at: number) => {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
};

const afterSpaces = (text: string, start: number): number => {
  let at = start;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
};

/** After blanks, line breaks and comments. */
function afterBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length)
    if (text[at] === "#") at = lineBreak(text, at);
    else if (/\s/.test(text.charAt(at))) at++;
    else break;
  return at;
}
