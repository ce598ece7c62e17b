/** Adds, replaces and removes members of maps and lists in a YAML text. */
import { stringify } from "yaml";
import type { Value } from "../../../templates/clients/format.ts";
import { isFirstOnLine, lineEnd, lineStart, nextLine, oneLine, splice } from "./syntax.ts";
import type { Member, Spot } from "./yaml-tree.ts";

/** The lines of a value, each indented by this. Quotes whatever older readers of YAML take for something else, such as `on`. */
export function blockOf(text: string, value: Value, indent: string): string {
  const written = stringify(value, { indent: unitOf(text), lineWidth: 0, compat: "yaml-1.1" });
  return written.replace(/^(?=.)/gm, indent).replaceAll("\n", lineEnd(text));
}

/** How far a line is indented more than the one around it: as the first line that is. */
const unitOf = (text: string) => Math.min(/\n( +)[^\s#]/.exec(text)?.[1]?.length ?? 2, 8);

/** Adds the only member of `member` at the end of a map or list that has some. */
export function add(text: string, box: Spot, member: Value): string {
  const last = box.members.at(-1) as Member;
  if (box.isInline) return splice(text, last.spot.end, last.spot.end, `, ${bare(member)}`);
  const indent = text.slice(lineStart(text, last.start), last.start).replace(/\S/g, " ");
  return insertLines(text, afterLines(text, last.spot), blockOf(text, member, indent));
}

/** Puts the only member of `member` where nothing is yet. */
export function fill(text: string, box: Spot, owner: Member | undefined, member: Value): string {
  if (owner?.isInline) return splice(text, box.start, box.end, ` ${oneLine(member)}`);
  if (owner === undefined) return splice(text, box.start, box.end, blockOf(text, member, "").trimEnd());
  const outer = text.slice(lineStart(text, owner.start), owner.start).replace(/\S/g, " ");
  const block = blockOf(text, member, `${outer}${" ".repeat(unitOf(text))}`);
  const filled = insertLines(text, nextLine(text, box.end), block);
  return box.start === box.end ? filled : splice(filled, owner.after, box.end, "");
}

/** Puts a value in the place of another; undefined where that is not possible. */
export function replace(text: string, spot: Spot, owner: Member | undefined, value: Value): string | undefined {
  if (owner === undefined) return undefined;
  if (spot.isInline && spot.start < spot.end) {
    const plain = typeof value === "object" || owner.isInline ? oneLine(value) : blockOf(text, value, "").trimEnd();
    return splice(text, spot.start, spot.end, plain.includes("\n") ? JSON.stringify(value) : plain);
  }
  if (owner.isInline || owner.key === undefined || !isFirstOnLine(text, owner.start)) return undefined;
  const from = lineStart(text, owner.start);
  const to = afterLines(text, spot);
  const block = blockOf(text, { [owner.key]: value }, text.slice(from, owner.start));
  return splice(text, from, to, to === text.length && !text.endsWith("\n") ? block.trimEnd() : block);
}

/** Removes the member at this index, with its lines. */
export function remove(text: string, box: Spot, owner: Member | undefined, at: number): string {
  const { [at - 1]: before, [at]: member, [at + 1]: next } = box.members;
  if (member === undefined) return text;
  const isOnly = before === undefined && next === undefined;
  if (box.isInline && isOnly) return splice(text, box.start + 1, box.end - 1, "");
  if (box.isInline && before) return splice(text, before.spot.end, member.spot.end, "");
  const isOnOwnLine = isFirstOnLine(text, member.start);
  if (next && (box.isInline || !isOnOwnLine)) return splice(text, member.start, next.start, "");
  const empty = box.kind === "map" ? "{}" : "[]";
  if (!isOnOwnLine) return splice(text, member.start, member.spot.end, empty);
  const rest = removeLines(text, lineStart(text, member.start), afterLines(text, member.spot));
  return isOnly && owner ? splice(rest, owner.after, owner.after, ` ${empty}`) : rest;
}

/** Where the line after the last one of a value begins. */
function afterLines(text: string, spot: Spot): number {
  const last = spot.isInline ? undefined : spot.members.at(-1);
  if (last !== undefined) return afterLines(text, last.spot);
  return spot.isInline ? nextLine(text, spot.end) : spot.end;
}

/** A text without a line break at its end stays so. */
function insertLines(text: string, at: number, block: string): string {
  const isOpen = at === text.length && !text.endsWith("\n");
  return splice(text, at, at, isOpen ? `${lineEnd(text)}${block.trimEnd()}` : block);
}

function removeLines(text: string, from: number, to: number): string {
  const isOpen = to === text.length && !text.endsWith("\n");
  return splice(text, isOpen ? from - (text.slice(0, from).endsWith("\r\n") ? 2 : 1) : from, to, "");
}

/** Without the brackets around it. */
const bare = (member: Value) => oneLine(member).slice(2, -2);
