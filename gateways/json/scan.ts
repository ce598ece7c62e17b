/**
 * Finds its way in JSON text without parsing it: one character a byte, nothing allocated for what is skipped, no recursion.
 * What it skips is assumed to be JSON; strict.ts makes sure of it where the text comes from a client.
 */

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;

/** Called with a member: its key (decoded), the span of its value, and where it begins. */
export type Visit = (key: string, start: number, end: number, keyStart: number) => void;

/**
 * Calls back with each member of the object at `at`.
 * @returns where the object ends, or -1 when it is malformed
 */
export function eachMember(text: string, at: number, visit: Visit): number {
  return eachEntry(text, at, (keyStart, keyEnd, start, end) =>
    visit(stringAt(text, keyStart, keyEnd), start, end, keyStart),
  );
}

/** Where a member of the object at `at` has its value; of several with that name the last. Undefined when there is none. */
export function memberOf(text: string, at: number, name: string): { start: number; end: number } | undefined {
  let found: { start: number; end: number } | undefined;
  eachEntry(text, at, (keyStart, keyEnd, start, end) => {
    if (isKey(text, keyStart, keyEnd, name)) found = { start, end };
  });
  return found;
}

/** Compares without taking the key out of the text, if it is written as nearly always. */
function isKey(text: string, start: number, end: number, name: string): boolean {
  if (end - start === name.length + 2 && text.startsWith(name, start + 1)) return true;
  return isEncoded(text, start, end) && decodedAt(text, start, end) === name;
}

/** The places of a member: its key with quotes, and its value. */
type VisitEntry = (keyStart: number, keyEnd: number, start: number, end: number) => void;

function eachEntry(text: string, at: number, visit: VisitEntry): number {
  at = skipSpace(text, at);
  if (text.charCodeAt(at) !== OPEN_BRACE) return -1;
  at = skipSpace(text, at + 1);
  if (text.charCodeAt(at) === CLOSE_BRACE) return at + 1;
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) return -1;
    const keyStart = at;
    const keyEnd = skipString(text, at);
    if (keyEnd < 0) return keyEnd;
    at = skipSpace(text, keyEnd);
    if (text.charCodeAt(at) !== COLON) return -1;
    const start = skipSpace(text, at + 1);
    const end = skipValue(text, start);
    if (end < 0) return end;
    visit(keyStart, keyEnd, start, end);
    at = skipSpace(text, end);
    const separator = text.charCodeAt(at);
    if (separator === CLOSE_BRACE) return at + 1;
    if (separator !== COMMA) return -1;
    at = skipSpace(text, at + 1);
  }
}

/**
 * Calls back with the span of each element of the array at `at`.
 * @returns where the array ends, or -1 when it is malformed
 */
export function eachElement(text: string, at: number, visit: (start: number, end: number) => void): number {
  at = skipSpace(text, at);
  if (text.charCodeAt(at) !== OPEN_BRACKET) return -1;
  at = skipSpace(text, at + 1);
  if (text.charCodeAt(at) === CLOSE_BRACKET) return at + 1;
  for (;;) {
    const end = skipValue(text, at);
    if (end < 0) return end;
    visit(at, end);
    at = skipSpace(text, end);
    const separator = text.charCodeAt(at);
    if (separator === CLOSE_BRACKET) return at + 1;
    if (separator !== COMMA) return -1;
    at = skipSpace(text, at + 1);
  }
}

/** The string at a span, decoded; "" when there is none. */
export function stringAt(text: string, start: number, end: number): string {
  if (text.charCodeAt(start) !== QUOTE) return "";
  if (isEncoded(text, start, end)) return decodedAt(text, start, end);
  return text.slice(start + 1, end - 1);
}

/** Whether a string is anything but ASCII without escapes. A loop is faster than a search on keys, which are short. */
function isEncoded(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const char = text.charCodeAt(at);
    if (char === BACKSLASH || char >= 0x80) return true;
  }
  return false;
}

function decodedAt(text: string, start: number, end: number): string {
  try {
    return JSON.parse(Buffer.from(text.slice(start, end), "latin1").toString("utf8")) as string;
  } catch {
    return "";
  }
}

export function skipSpace(text: string, at: number): number {
  for (;;) {
    const char = text.charCodeAt(at);
    if (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) return at;
    at++;
  }
}

/** Where the value that begins at `at` ends, or -1. Long strings are skipped by native search, so a large reply is cheap. */
function skipValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return skipString(text, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(text, at);
  let end = at;
  let isDigits = first !== 0x30; // 0 itself is rare, and 01 is no number
  for (; end < text.length; end++) {
    const char = text.charCodeAt(end);
    if (char === COMMA || char === CLOSE_BRACE || char === CLOSE_BRACKET || char <= 0x20) break;
    isDigits &&= char >= 0x30 && char <= 0x39;
  }
  // Nearly every id is a whole number, which needs no closer look.
  return (isDigits && end > at) || LITERAL.test(text.slice(at, end)) ? end : -1;
}

/** RFC 8259, sections 3 and 6. */
const LITERAL = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

/** Whether every bracket in a text is closed, at its end. */
export const isBalanced = (text: string): boolean => {
  const end = skipValue(text, skipSpace(text, 0));
  return end >= 0 && skipSpace(text, end) === text.length;
};

/** Whether a line break stands in a string, where JSON has it escaped. */
export function hasBrokenString(text: string): boolean {
  for (let start = text.indexOf('"'); start >= 0;) {
    const end = skipString(text, start);
    if (end < 0 || /[\r\n]/.test(text.slice(start, end))) return true;
    start = text.indexOf('"', end);
  }
  return false;
}

function skipNested(text: string, at: number): number {
  let depth = 0;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = skipString(text, at);
      if (at < 0) return -1;
      continue;
    }
    at++;
    if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if ((char === CLOSE_BRACE || char === CLOSE_BRACKET) && --depth === 0) return at;
  }
  return -1;
}

/** Where the string that begins at `at` ends, or -1. */
export function skipString(text: string, at: number): number {
  for (;;) {
    const end = text.indexOf('"', at + 1);
    if (end < 0) return -1;
    let slash = end - 1;
    while (slash > at && text.charCodeAt(slash) === BACKSLASH) slash--;
    if ((end - slash) % 2 === 1) return end + 1;
    at = end;
  }
}
