/** NaN, Infinity and -Infinity, which Python and others write although JSON does not have them. */
import { QUOTE, skipString } from "./scan.ts";

/** Whether there may be one; most texts are looked through by two native searches. */
export const mayHoldNonNumbers = (text: string): boolean => text.includes("NaN") || text.includes("Infinity");

const TOKENS = /"|NaN|-?Infinity/g;

/** The text with null in their place, as JavaScript writes them. Strings stay as they are. */
export function withoutNonNumbers(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at >= 0;) {
    TOKENS.lastIndex = at;
    const found = TOKENS.exec(text);
    if (!found) break;
    at = TOKENS.lastIndex;
    if (text.charCodeAt(found.index) === QUOTE) at = skipString(text, found.index);
    else {
      parts.push(text.slice(from, found.index), "null");
      from = at;
    }
  }
  return parts.length === 0 ? text : parts.join("") + text.slice(from);
}
