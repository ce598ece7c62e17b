/** What several servers wrote becomes one text, so each part of it must be JSON by itself, to every parser. */
import { isUtf8 } from "node:buffer";
import { checkJson, MAX_DEPTH } from "../../json/strict.ts";

/** Whether a text, one character a byte, is one JSON value in UTF-8. @param levels how deep it may be nested */
export function isSound(text: string, levels: number = MAX_DEPTH): boolean {
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) && checkJson(bytes, text, levels) === "valid";
}

/** Both halves of a character, one alone, or any other escape. */
const ESCAPE = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)/g;

/** A text with U+FFFD for half characters, which servers cut off and strict parsers refuse, with all that stands around them. */
export const withoutHalves = (text: string): string =>
  /\\u[dD][89a-fA-F]/.test(text)
    ? text.replace(ESCAPE, (escape, half: string | undefined) => (half === undefined ? escape : String.raw`\ufffd`))
    : text;
