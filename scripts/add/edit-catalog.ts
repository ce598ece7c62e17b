/** Puts an entry into the text of a catalog, and takes one out. Every other character stays as it is. */
import { type CatalogTree, type EntryRange, OtherShape, type Range, readTree } from "../kit/catalog-tree.ts";
import { withImport, withoutImport } from "./edit-imports.ts";
import { inLines } from "../kit/line-breaks.ts";
import { type NewEntry, render } from "./entry-text.ts";

/** The catalog with the entry as its last one, and its builder imported. @throws OtherShape */
export const withEntry = (text: string, entry: NewEntry): string =>
  inLines(text, (lines) => {
    const { local, text: imported } = withImport(lines, entry.kind);
    return insert(readTree(imported), entry, local);
  });

/**
 * The catalog without an entry, the comment above it, and its builder's import if nothing else uses it.
 * @throws OtherShape when the text has no entry of that name
 */
export const withoutEntry = (text: string, name: string, builder: string): string =>
  inLines(text, (lines) => withoutImport(removed(readTree(lines), name), builder));

function insert({ text, object, entries, comments }: CatalogTree, entry: NewEntry, builder: string): string {
  const last = entries.at(-1);
  const step = last === undefined ? "  " : indentOf(text, last) || "  ";
  const width = text.split("\n").some((line) => line.length > NARROW) ? WIDE : NARROW;
  const block = render(entry, { builder, step, width });
  if (last === undefined) {
    const inside = text.slice(object.start + 1, object.end - 1);
    const at = object.start + 1;
    return `${text.slice(0, at)}\n${block},${inside.includes("\n") ? "" : "\n"}${text.slice(at)}`;
  }
  const comma = commaBehind(text, last, object, comments);
  const at = comma === undefined ? last.end : endOfLine(text, comma, object.end - 1);
  const gap = isSpaced(text, last, comments) || entries.length === 1 ? "\n\n" : "\n";
  const lead = comma === undefined ? "," : "";
  return `${text.slice(0, at)}${lead}${gap}${block}${comma === undefined ? "" : ","}${text.slice(at)}`;
}

/** Lines of most people's formatters. */
const NARROW = 80;
const WIDE = 120;

function removed(tree: CatalogTree, name: string): string {
  const { text, object, entries, comments } = tree;
  const at = entries.findIndex((one) => one.name === name);
  const [own, before] = [entries[at], entries[at - 1]];
  if (own === undefined) throw new OtherShape(`expected an entry ${name} in it`);
  const comma = commaBehind(text, own, object, comments);
  const start = startOf(own, tree);
  if (comma === undefined)
    return cut(text, before === undefined ? start : before.end, before === undefined ? own.end : own.end);
  const rest = cut(text, start, endOfLine(text, comma, object.end - 1));
  return before === undefined && entries.length === 1 ? closed(rest, object.start) : rest;
}

/** Where an entry begins, with the comment lines directly above it and the empty lines above those. */
function startOf(own: EntryRange, { text, object, comments }: CatalogTree): number {
  let start = own.start;
  for (;;) {
    const above = comments.find((one) => one.end <= start && /^[ \t]*\n?[ \t]*$/.test(text.slice(one.end, start)));
    if (above === undefined || above.start < object.start || !isAlone(text, above)) break;
    start = above.start;
  }
  const spaces = /\s*$/.exec(text.slice(object.start + 1, start))?.[0].length ?? 0;
  return start - spaces;
}

/** Whether a comment has its line to itself: one behind an entry belongs to that entry. */
const isAlone = (text: string, { start }: Range) =>
  /^\s*$/.test(text.slice(text.lastIndexOf("\n", start - 1) + 1, start));

/** An object with nothing in it any more is `{}`. */
function closed(text: string, brace: number): string {
  const [inside = ""] = /^\s*(?=\})/.exec(text.slice(brace + 1)) ?? [];
  return cut(text, brace + 1, brace + 1 + inside.length);
}

/** Behind the comma that follows an entry; undefined where none does. */
function commaBehind(text: string, { end }: Range, object: Range, comments: readonly Range[]): number | undefined {
  for (let at = end; at < object.end - 1; at++) {
    const comment = comments.find((one) => one.start === at);
    if (comment !== undefined) at = comment.end - 1;
    else if (text[at] === ",") return at + 1;
    else if (/\S/.test(text[at]!)) return undefined;
  }
  return undefined;
}

/** Behind what else stands in the line: the comment of an entry. What comes after it in the same line is not its own. */
function endOfLine(text: string, from: number, limit: number): number {
  const [rest = ""] = /^[ \t]*(\/\/[^\n]*|\/\*[^\n]*?\*\/[ \t]*(?=\n))?/.exec(text.slice(from, limit)) ?? [];
  return rest.trim() === "" ? from : from + rest.length;
}

const indentOf = (text: string, { start }: Range) =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", start - 1) + 1))![0];

/** Whether an empty line stands above it, or above its comment. */
function isSpaced(text: string, own: EntryRange, comments: readonly Range[]): boolean {
  let start = own.start;
  for (const { start: above, end } of comments.toReversed())
    if (end <= start && /^\s*$/.test(text.slice(end, start)) && !/\n\s*\n/.test(text.slice(end, start))) start = above;
  return /\n[ \t]*\n[ \t]*$/.test(text.slice(0, start));
}

const cut = (text: string, from: number, to: number) => text.slice(0, from) + text.slice(to);
