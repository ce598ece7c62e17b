/**
 * Tells whether a text is JSON (RFC 8259) without building it. JSON.parse takes fifty bytes for each bracket of an empty
 * array, so a body of 10 MB could fill half a gigabyte; this allocates nothing, however much is nested or listed.
 */
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipString,
} from "./scan.ts";

/** How deep a message may be nested, its own braces included: as deep as System.Text.Json reads by default. */
export const MAX_DEPTH = 64;

/** What is returned in place of an end. */
const MALFORMED = -1;
const TOO_DEEP = -2;

/** Whether the container is an object, by depth. Shared: no value is read inside another. */
const isObject = new Uint8Array(MAX_DEPTH + 1);

/**
 * Whether bytes are one JSON value.
 * @param bytes in UTF-8, which is checked elsewhere
 * @param text the same, one character a byte
 * @param levels how deep it may be nested, at most one more than MAX_DEPTH
 */
export function checkJson(bytes: Uint8Array, text: string, levels: number): "valid" | "malformed" | "too-deep" {
  const end = endOfValue(bytes, text, levels);
  if (end === TOO_DEEP) return "too-deep";
  return end >= 0 && skipSpace(bytes, end) === bytes.length ? "valid" : "malformed";
}

/** Where the first value ends, or MALFORMED or TOO_DEEP. */
function endOfValue(bytes: Uint8Array, text: string, levels: number): number {
  let at = skipSpace(bytes, 0);
  let depth = 0;
  for (;;) {
    const first = bytes[at] as number;
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      if (depth === levels) return TOO_DEEP;
      isObject[depth++] = first === OPEN_BRACE ? 1 : 0;
      at = skipSpace(bytes, at + 1);
      if ((bytes[at] as number) !== first + 2) {
        if (first === OPEN_BRACE && (at = startOfMember(bytes, text, at)) < 0) return MALFORMED;
        continue; // with its first value
      }
      depth--; // it is empty
      at++;
    } else {
      at = endOfScalar(bytes, text, at);
      if (at < 0) return MALFORMED;
    }
    for (;;) {
      if (depth === 0) return at;
      at = skipSpace(bytes, at);
      const next = bytes[at] as number;
      if (next === COMMA) break;
      if (next !== (isObject[depth - 1] === 1 ? CLOSE_BRACE : CLOSE_BRACKET)) return MALFORMED;
      depth--;
      at++;
    }
    at = skipSpace(bytes, at + 1);
    if (isObject[depth - 1] === 1 && (at = startOfMember(bytes, text, at)) < 0) return MALFORMED;
  }
}

/** Where the value of the member begins whose key begins at `at`, or MALFORMED. */
function startOfMember(bytes: Uint8Array, text: string, at: number): number {
  if ((bytes[at] as number) !== QUOTE) return MALFORMED;
  const end = endOfString(bytes, text, at);
  if (end < 0) return MALFORMED;
  at = skipSpace(bytes, end);
  return (bytes[at] as number) === COLON ? skipSpace(bytes, at + 1) : MALFORMED;
}

function endOfScalar(bytes: Uint8Array, text: string, at: number): number {
  const first = bytes[at] as number;
  if (first === QUOTE) return endOfString(bytes, text, at);
  if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return endOfNumber(bytes, at);
  const word = first === 0x74 ? "true" : first === 0x66 ? "false" : "null";
  for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word.charCodeAt(index)) return MALFORMED;
  return at + word.length;
}

/** Strings that are longer are left to native code. */
const SHORT = 48;

/** Where the string that begins at `at` ends, or MALFORMED (RFC 8259, section 7). */
function endOfString(bytes: Uint8Array, text: string, start: number): number {
  for (let at = start; at < start + SHORT;) {
    const char = bytes[++at] as number;
    if (char === QUOTE) return at + 1;
    if (char === BACKSLASH) {
      const escaped = bytes[++at] as number;
      if (escaped === 0x75) {
        for (const last = at + 4; at < last;) if (!isHex(bytes[++at] as number)) return MALFORMED;
      } else if (!isEscape(escaped)) return MALFORMED;
    } else if (!(char >= 0x20)) return MALFORMED; // also undefined, behind the end
  }
  return endOfLongString(text, start);
}

/** JSON.parse reads one string thirty times as fast as a loop can, and needs no more memory than the string has. */
function endOfLongString(text: string, start: number): number {
  const end = skipString(text, start);
  try {
    if (end >= 0) JSON.parse(text.slice(start, end));
    return end;
  } catch {
    return MALFORMED;
  }
}

const isHex = (char: number) => (char >= 0x30 && char <= 0x39) || ((char | 0x20) >= 0x61 && (char | 0x20) <= 0x66);

/** `"`, `\`, `/`, b, f, n, r or t. */
const isEscape = (char: number) =>
  char === QUOTE ||
  char === BACKSLASH ||
  char === 0x2f ||
  char === 0x62 ||
  char === 0x66 ||
  char === 0x6e ||
  char === 0x72 ||
  char === 0x74;

/** Where the number that begins at `at` ends, or MALFORMED (RFC 8259, section 6). */
function endOfNumber(bytes: Uint8Array, at: number): number {
  if ((bytes[at] as number) === 0x2d) at++;
  const whole = endOfDigits(bytes, at);
  if (whole === at || ((bytes[at] as number) === 0x30 && whole > at + 1)) return MALFORMED;
  at = whole;
  if ((bytes[at] as number) === 0x2e) {
    const fraction = endOfDigits(bytes, at + 1);
    if (fraction === at + 1) return MALFORMED;
    at = fraction;
  }
  if (((bytes[at] as number) | 0x20) !== 0x65) return at;
  const sign = bytes[++at] as number;
  if (sign === 0x2b || sign === 0x2d) at++;
  const exponent = endOfDigits(bytes, at);
  return exponent === at ? MALFORMED : exponent;
}

function endOfDigits(bytes: Uint8Array, at: number): number {
  for (let char = bytes[at] as number; char >= 0x30 && char <= 0x39; char = bytes[++at] as number);
  return at;
}

function skipSpace(bytes: Uint8Array, at: number): number {
  for (let char = bytes[at]; char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09; char = bytes[++at]);
  return at;
}
