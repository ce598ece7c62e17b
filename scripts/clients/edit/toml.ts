/** Edits TOML: a parser says what the text means, and only the lines of what changes are written. */
import { parse, TomlError } from "smol-toml";
import type { Value } from "../../../templates/clients/format.ts";
import {
  isMap,
  lineEnd,
  lineStart,
  named,
  nextLine,
  type Path,
  remembering,
  splice,
  type Syntax,
  Unreadable,
} from "./syntax.ts";
import { type Pair, statementsOf, type Table } from "./toml-tree.ts";

export const toml: Syntax = {
  read: (text, path) => {
    let value: unknown = parsed(text);
    for (const [depth, key] of keysOf(path).entries()) {
      if (value === undefined) return undefined;
      if (!isMap(value)) throw misplaced(text, path.slice(0, depth));
      value = Object.hasOwn(value, key) ? value[key] : undefined;
    }
    return value;
  },
  put: (text, path, value) => {
    const keys = keysOf(path);
    const pairs = pairsOf(text);
    const there = pairs.find((pair) => isSame(pair.path, keys));
    if (there !== undefined) return splice(text, there.valueStart, there.end, written(value));
    if (toml.read(text, path) !== undefined) return toml.put(toml.take(text, path), path, value);
    const box = keys.slice(0, -1);
    const inline = pairs.find((pair) => pair.members !== undefined && isSame(pair.path, box));
    if (inline !== undefined) return addInside(text, inline, keys.slice(box.length), value);
    if (box.length === 1 && isMap(value)) return addTable(text, keys, value);
    return addLine(text, keys, value);
  },
  take: (text, path) => {
    const keys = keysOf(path);
    const statements = statementsOf(text);
    const inside = pairsOf(text).find(({ members }) => members?.some((pair) => isIn(pair.path, keys)) ?? false);
    if (inside !== undefined && !isIn(inside.path, keys)) return toml.take(removeInside(text, inside, keys), path);
    const ranges = statements.flatMap((statement, at) => {
      if (!isIn(statement.path, keys)) return [];
      if (statement.kind === "pair")
        return isIn(statement.table, keys) ? [] : [linesOf(text, statement, statement.end)];
      const next = statements.findIndex((other, place) => place > at && other.kind === "table");
      const last = statements.at((next < 0 ? statements.length : next) - 1) ?? statement;
      return [withBlankLine(text, linesOf(text, statement, last.end))];
    });
    return ranges.toReversed().reduce((rest, [from, to]) => removeLines(rest, from, to), text);
  },
};

/** @throws Unreadable */
const parsed = remembering((text): unknown => {
  try {
    return parse(text, { integersAsBigInt: "asNeeded" });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const lines = text.split("\n").slice(0, error.line - 1);
    const offset = lines.reduce((sum, line) => sum + line.length + 1, 0) + error.column - 1;
    throw new Unreadable(
      text,
      offset,
      `this is not TOML: ${error.message.split("\n")[0]?.replace("Invalid TOML document: ", "")}`,
    );
  }
});

function keysOf(path: Path): string[] {
  return path.map((step) => {
    if (typeof step === "string") return step;
    throw new Error(`${named(path)} is an item of a list, and no client has a list in TOML`);
  });
}

function misplaced(text: string, path: Path): Unreadable {
  const keys = keysOf(path);
  const at = statementsOf(text).find((statement) => isIn(statement.path, keys));
  return new Unreadable(text, at?.start ?? 0, `${named(path)} is something else, expected a table`);
}

const pairsOf = (text: string): Pair[] =>
  statementsOf(text).flatMap((statement) => (statement.kind === "pair" ? withMembers(statement) : []));

const withMembers = (pair: Pair): Pair[] => [pair, ...(pair.members ?? []).flatMap(withMembers)];

/** Whether a path is another one, or leads further from it. */
const isIn = (path: readonly string[], box: readonly string[]) => box.every((key, at) => path[at] === key);

const isSame = (a: readonly string[], b: readonly string[]) => a.length === b.length && isIn(a, b);

/** At the end of an inline table. */
function addInside(text: string, box: Pair, keys: readonly string[], value: Value): string {
  const last = box.members?.at(-1);
  const pair = `${keyOf(keys)} = ${written(value)}`;
  return last === undefined
    ? splice(text, box.valueStart, box.end, `{ ${pair} }`)
    : splice(text, last.end, last.end, `, ${pair}`);
}

/** A table of its own at the end of the text, after a blank line. */
function addTable(text: string, keys: readonly string[], value: { readonly [key: string]: Value }): string {
  const pairs = Object.entries(value).map(([key, member]) => `${keyOf([key])} = ${written(member)}`);
  const block = [`[${keyOf(keys)}]`, ...pairs].join(lineEnd(text));
  if (text === "") return `${block}\n`;
  const blank = lineEnd(text);
  return text.endsWith("\n") ? `${text}${blank}${block}${blank}` : `${text}${blank}${blank}${block}`;
}

/** A line after the last one of the same table, or with the same first keys. */
function addLine(text: string, keys: readonly string[], value: Value): string {
  const box = keys.slice(0, -1);
  const statements = statementsOf(text);
  const header = statements.find((one): one is Table => one.kind === "table" && isSame(one.path, box));
  const last = header
    ? (statements.findLast((one) => one.kind === "pair" && isSame(one.table, box)) ?? header)
    : statements.findLast((one) => one.kind === "pair" && isIn(one.path, box));
  if (last === undefined) return addTable(text, box, { [keys.at(-1) as string]: value });
  const own = keys.slice(last.kind === "pair" ? last.table.length : last.path.length);
  const indent = text.slice(lineStart(text, last.start), last.start);
  const line = `${indent}${keyOf(own)} = ${written(value)}`;
  const at = nextLine(text, last.end);
  const isOpen = at === text.length && !text.endsWith("\n");
  return splice(text, at, at, isOpen ? `${lineEnd(text)}${line}` : `${line}${lineEnd(text)}`);
}

function removeInside(text: string, box: Pair, keys: readonly string[]): string {
  const members = box.members ?? [];
  const at = members.findIndex(({ path }) => isIn(path, keys));
  const { [at - 1]: before, [at]: member, [at + 1]: next } = members;
  if (member === undefined) return text;
  if (before !== undefined) return splice(text, before.end, member.end, "");
  return next === undefined ? splice(text, box.valueStart, box.end, "{}") : splice(text, member.start, next.start, "");
}

type Range = readonly [from: number, to: number];

const linesOf = (text: string, { start }: { readonly start: number }, end: number): Range => [
  lineStart(text, start),
  nextLine(text, end),
];

/** With the blank line in front. */
function withBlankLine(text: string, [from, to]: Range): Range {
  const blank = /(?:^|\n)(\r?\n)$/.exec(text.slice(Math.max(0, from - 4), from))?.[1] ?? "";
  return [from - blank.length, to];
}

/** A text without a line break at its end stays so. */
function removeLines(text: string, from: number, to: number): string {
  const isOpen = to === text.length && !text.endsWith("\n") && from > 0;
  return splice(text, isOpen ? from - (text.slice(0, from).endsWith("\r\n") ? 2 : 1) : from, to, "");
}

const keyOf = (keys: readonly string[]) => keys.map((key) => (/^[\w-]+$/.test(key) ? key : written(key))).join(".");

/** On one line, in the words that TOML 1.0 has. */
function written(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(written).join(", ")}]`;
  if (typeof value === "string") return JSON.stringify(value).replaceAll("\u007F", "\\u007F");
  if (typeof value !== "object") return `${value}`;
  const pairs = Object.entries(value).map(([key, member]) => `${keyOf([key])} = ${written(member)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}
