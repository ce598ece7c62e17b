/**
 * The digest of a tool, by which a reviewed tool is told from one that was changed afterwards.
 *
 * It covers what a model reads and what a client decides by: name, title, description, both schemas and the annotations
 * (a tool that is no longer `readOnlyHint: false` may run without a question). It leaves out `icons`, `execution` and `_meta`,
 * which a server lists or not by the revision of the client, and which may differ from one list to the next.
 */
import { createHash } from "node:crypto";
import { BACKSLASH, COLON, QUOTE } from "./json/scan.ts";
import { Names } from "./json/names.ts";

/** What is covered, in the order of their names. */
const COVERED = ["annotations", "description", "inputSchema", "name", "outputSchema", "title"] as const;

/** A key that another parser takes for one of these would be read, and not covered. */
const names = new Names(COVERED.join(" "));

/** Characters of base64url: 132 bits. */
const LENGTH = 22;

/** What a digest looks like. */
export const DIGEST: RegExp = /^[\w-]{22}$/;

/** How deep a tool may be nested: deeper ones have no digest. */
const MAX_DEPTH = 64;

/**
 * The digest of a tool.
 * @returns undefined when it is no object, is nested too deeply, or has a key that can be read as another one
 */
export function toolDigest(tool: unknown): string | undefined {
  if (typeof tool !== "object" || tool === null || Array.isArray(tool)) return undefined;
  const given = tool as Readonly<Record<string, unknown>>;
  if (Object.keys(given).some((key) => !names.has(key) && names.confusion(key) !== undefined)) return undefined;
  const covered = COVERED.filter((key) => Object.hasOwn(given, key) && given[key] !== undefined);
  const text = canonical(Object.fromEntries(covered.map((key) => [key, given[key]])), 0);
  return text === undefined ? undefined : createHash("sha256").update(text).digest("base64url").slice(0, LENGTH);
}

/**
 * The same of a tool as its server wrote it.
 * @param text its JSON in UTF-8
 * @returns undefined also when a key comes twice: some parsers take the first value, some the last
 */
export function writtenToolDigest(text: string): string | undefined {
  let tool: unknown;
  try {
    tool = JSON.parse(text);
  } catch {
    return undefined;
  }
  const digest = toolDigest(tool); // the depth is checked before the members are counted
  return digest !== undefined && membersOf(tool, 0) === membersWritten(text) ? digest : undefined;
}

/**
 * The one way to write a JSON value: without spaces, keys in the order of their UTF-16 code units, numbers and strings as
 * JSON.stringify writes them (RFC 8785).
 * @returns undefined when it is nested too deeply
 */
function canonical(value: unknown, depth: number): string | undefined {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (depth === MAX_DEPTH) return undefined;
  const parts = Array.isArray(value)
    ? value.map((item) => canonical(item, depth + 1))
    : Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, member]) => {
          const text = canonical(member, depth + 1);
          return text === undefined ? undefined : `${JSON.stringify(key)}:${text}`;
        });
  if (parts.includes(undefined)) return undefined;
  return Array.isArray(value) ? `[${parts.join(",")}]` : `{${parts.join(",")}}`;
}

/** How many members a value has in all its objects, as deep as they are counted: what is deeper is not covered. */
function membersOf(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (depth > MAX_DEPTH) return NaN;
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  const own = Array.isArray(value) ? 0 : inner.length;
  return inner.reduce<number>((sum, item) => sum + membersOf(item, depth + 1), own);
}

/** How many members a JSON text has: one for each colon outside of strings. */
function membersWritten(text: string): number {
  let members = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) isString = !isString;
    else if (char === BACKSLASH && isString) at++;
    else if (char === COLON && !isString) members++;
  }
  return members;
}
