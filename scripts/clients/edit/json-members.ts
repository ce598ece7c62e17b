/** Adds, replaces and removes members of objects and arrays in a JSON text, in the style of what stands beside them. */
import { createScanner, type Node } from "jsonc-parser";
import type { Value } from "../../../templates/clients/format.ts";
import { indentOf, isFirstOnLine, lineEnd, oneLine, splice } from "./syntax.ts";

/** On several lines, the first of which is indented already. */
export const written = (text: string, value: Value, indent: string): string =>
  JSON.stringify(value, undefined, unitOf(text)).replaceAll("\n", `${lineEnd(text)}${indent}`);

/** How far a line is indented more than the one around it: as the first line that is. */
const unitOf = (text: string) => /\n([ \t]+)["{[\]}]/.exec(text)?.[1] ?? "  ";

/** Puts a value in the place of another. */
export function replace(text: string, node: Node, value: Value): string {
  const start = node.parent?.type === "property" ? node.parent.offset : node.offset;
  const isOnOwnLine = isFirstOnLine(text, start) && (hasLines(text, node) || node.children === undefined);
  const by = isOnOwnLine || start === 0 ? written(text, value, indentOf(text, start)) : compact(text, value);
  return splice(text, node.offset, endOf(node), by);
}

/** Adds a member at the end. @param key undefined in an array */
export function add(text: string, box: Node, key: string | undefined, value: Value): string {
  const last = box.children?.at(-1);
  if (last === undefined) return addFirst(text, box, key, value);
  const comma = commaAfter(text, endOf(last));
  const after = afterComments(text, comma ?? endOf(last));
  const isOnOwnLine = isFirstOnLine(text, last.offset);
  const indent = indentOf(text, last.offset);
  const member = isOnOwnLine ? memberOf(key, written(text, value, indent)) : memberOf(key, compact(text, value), text);
  const isNewLine = isOnOwnLine || after.endsLine;
  const blank = isNewLine ? `${lineEnd(text)}${indent}` : blankBefore(text, last.offset);
  // With a comma after the last one, there is one again; without, the one before it gets one.
  if (comma !== undefined) return splice(text, after.at, after.at, `${blank}${member},`);
  return splice(splice(text, after.at, after.at, `${blank}${member}`), endOf(last), endOf(last), ",");
}

const blankBefore = (text: string, offset: number) => (/[ \t]/.test(text.charAt(offset - 1)) ? " " : "");

/** Into `{}`, `[]`, or one with only comments in it, which stay in front. */
function addFirst(text: string, box: Node, key: string | undefined, value: Value): string {
  const inside = text.slice(box.offset + 1, endOf(box) - 1);
  const at = box.offset + 1 + inside.trimEnd().length;
  const isCompact = !text.includes("\n") && box.parent !== undefined;
  if (isCompact && inside.trim() === "")
    return splice(text, box.offset + 1, endOf(box) - 1, memberOf(key, compact(text, value), text));
  const outer = indentOf(text, box.offset);
  const indent = outer + unitOf(text);
  const rest = text.slice(at, endOf(box) - 1);
  const tail = inside.trim() !== "" && rest.includes("\n") ? rest : `${lineEnd(text)}${outer}`;
  const member = memberOf(key, written(text, value, indent));
  return splice(text, at, endOf(box) - 1, `${lineEnd(text)}${indent}${member}${tail}`);
}

/** Removes the child at this index, with what separates it from the others. */
export function remove(text: string, box: Node, at: number): string {
  const { [at - 1]: before, [at]: member, [at + 1]: next } = box.children ?? [];
  if (member === undefined) return text;
  const comma = commaAfter(text, endOf(member));
  const isOnOwnLine = isFirstOnLine(text, member.offset);
  const blanks = isOnOwnLine ? /(\r?\n)?[ \t]*$/ : /[ \t]*$/;
  const from = before === undefined && !isOnOwnLine ? member.offset : member.offset - lengthOf(blanks, text, member);
  const end = comma ?? endOf(member);
  const to = isOnOwnLine && !(next && sameLine(text, end, next.offset)) ? afterComments(text, end).at : end;
  if (before === undefined && next === undefined) return withoutOnly(text, box, from, to);
  if (before === undefined && !isOnOwnLine && next) return splice(text, from, next.offset, "");
  const rest = splice(text, from, to, "");
  const commaBefore = before && commaAfter(text, endOf(before));
  const isLeftOver = next === undefined && comma === undefined && commaBefore !== undefined;
  return isLeftOver ? splice(rest, commaBefore - 1, commaBefore, "") : rest;
}

const lengthOf = (pattern: RegExp, text: string, { offset }: Node) =>
  pattern.exec(text.slice(Math.max(0, offset - 1000), offset))?.[0].length ?? 0;

const sameLine = (text: string, from: number, to: number) => !text.slice(from, to).includes("\n");

/** Of an object or array that has nothing else, comments stay, and blanks do not. */
function withoutOnly(text: string, box: Node, from: number, to: number): string {
  const inside = text.slice(box.offset + 1, from) + text.slice(to, endOf(box) - 1);
  return splice(text, box.offset + 1, endOf(box) - 1, inside.trim() === "" ? "" : inside);
}

const endOf = ({ offset, length }: Node) => offset + length;

const hasLines = (text: string, node: Node) => text.slice(node.offset, endOf(node)).includes("\n");

/** On one line, with blanks where the text has them after its colons. */
const compact = (text: string, value: Value) => (isSpaced(text) ? oneLine(value) : JSON.stringify(value));

const isSpaced = (text: string) => !/"\s*:\S/.test(text);

const memberOf = (key: string | undefined, value: string, compactIn = "") =>
  key === undefined ? value : `${JSON.stringify(key)}:${isSpaced(compactIn) ? " " : ""}${value}`;

/** Where the comma that follows ends: comments may be in between. */
function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  return text[scanner.getTokenOffset()] === "," ? scanner.getTokenOffset() + 1 : undefined;
}

/** After the comments that follow on the same line. */
function afterComments(text: string, offset: number): { at: number; endsLine: boolean } {
  const [all = "", line] =
    /^(?:[ \t]*\/\*[\s\S]*?\*\/)*([ \t]*\/\/[^\r\n]*)?/.exec(text.slice(offset, offset + 10_000)) ?? [];
  return { at: offset + all.length, endsLine: line !== undefined };
}
