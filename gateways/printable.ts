/** What a server, an upstream or a client says, made fit for a terminal, a log and a page. */

/** How a text is shown. */
export interface Shown {
  /** How many characters are shown at most; what is cut off is counted. @default 1000 */
  readonly limit?: number;
  /** Whether line breaks and tabs stay as they are, for a text of several lines. @default false: they are escaped too */
  readonly lines?: boolean;
  /** Whether the colours of our own tables stay, for what we print ourselves. @default false: colours are dropped */
  readonly colours?: boolean;
}

const LIMIT = 1_000;

/** How many characters are looked at, so that one text of many megabytes costs little. */
const LOOKED_AT = 65_536;

/**
 * The text without anything that acts on a terminal or deceives a reader: control characters (C0, C1, DEL), direction
 * marks, invisible characters, line and paragraph separators, tags and unpaired surrogates become escapes as in JSON
 * (`\u001b`), so a JSON text stays the same JSON. Complete colour sequences are dropped: servers colour what they write to
 * stderr. What is printable passes unchanged, and doing it twice is doing it once.
 */
export function printable(said: unknown, { limit = LIMIT, lines = false, colours = false }: Shown = {}): string {
  const whole = typeof said === "string" ? said : String(said);
  if (whole.length <= limit && HARMLESS.test(whole)) return whole;
  const start = whole.slice(0, Math.max(LOOKED_AT, limit));
  const text = (lines ? start.replaceAll("\r\n", "\n") : start).replace(COLOURS, (colour) =>
    colours && OUR_COLOUR.test(colour) ? colour : "",
  );
  const shown = text.replace(colours ? UNPRINTABLE_BUT_COLOURS : UNPRINTABLE, (char) =>
    lines && LINES.test(char) ? char : escaped(char),
  );
  return clipped(shown, limit, whole.length - start.length);
}

/** A text of at most so many characters, with a note of how many are missing. */
export function clipped(text: string, limit: number, more = 0): string {
  if (text.length <= limit && more === 0) return text;
  const note = (kept: number) => `… (${text.length - kept + more} more characters)`;
  const room = Math.max(0, Math.min(text.length, limit - note(0).length));
  const kept = isHigh(text.charCodeAt(room - 1)) ? room - 1 : room; // not in the middle of a character
  return (text.slice(0, kept) + note(kept)).slice(0, limit);
}

/** Most texts: printable ASCII. */
const HARMLESS = /^[\x20-\x7e]*$/;

const ESC = "\u001b";

/** "Select Graphic Rendition" (ECMA-48, section 8.3.117). */
const COLOURS = new RegExp(`${ESC}\\[[\\d;:]*m`, "g");

/** What kit/table uses: nothing that hides text. */
const OUR_COLOUR = new RegExp(`^${ESC}\\[(?:0|1|2|22|31|32|33|39)m$`);

/**
 * Cc (C0, DEL, C1), Cf (directions, tags), Zl, Zp, Cs (unpaired surrogates, as the flag u reads pairs), characters without a
 * width, and noncharacters. U+FE0F stays: it makes a character an emoji.
 */
const KINDS =
  "(?!\\ufe0f)[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]";
const UNPRINTABLE = new RegExp(KINDS, "gu");
const UNPRINTABLE_BUT_COLOURS = new RegExp(`(?!${ESC}\\[\\d*m)${KINDS}`, "gu");

const LINES = /[\n\t]/;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** As JSON writes it: one escape for each UTF-16 unit. */
const escaped = (char: string) =>
  SHORT[char] ?? Array.from({ length: char.length }, (_, at) => unit(char.charCodeAt(at))).join("");

const unit = (code: number) => `\\u${code.toString(16).padStart(4, "0")}`;

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;
