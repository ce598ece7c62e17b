/**
 * Names that no other parser may take for others. Some read keys in any case (Go's encoding/json, System.Text.Json for the
 * web, Jackson when it is told to), some end them at a NUL, and some take the first of two where others take the last. The
 * gateway decides by what it reads, so a message that they could read differently is refused.
 */
import { eachMember } from "./scan.ts";

/** What no name has: control characters, and halves of surrogate pairs, which some parsers replace or cut at. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Whether a name, or another text by which the gateway decides, means the same to every parser. */
export const isSafe = (text: string): boolean => PRINTABLE_ASCII.test(text) || !UNSAFE.test(text);

/** Characters without a width or a glyph, which comparisons by culture ignore, and the dot of a lower-case İ. */
const IGNORED = /[\p{Default_Ignorable_Code_Point}\u0307]/gu;

/**
 * One form for all that any parser compares as equal: at least what Unicode folds (ſ is s, the Kelvin sign is k), what has
 * the same upper case (ı is i), and compatible characters such as those of full width.
 */
export function folded(name: string): string {
  if (PRINTABLE_ASCII.test(name)) return name.toLowerCase();
  return name.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").replace(IGNORED, "");
}

/** What is known of a name. */
interface Known<T> {
  readonly name: string;
  readonly meaning: T | undefined;
  /** The object in which it was seen last. */
  seenIn: number;
}

/** Counts the objects that are looked at. */
let objects = 0;

/** The names that mean something in one kind of object. @typeParam T what is to be done with one's value */
export class Names<T = undefined> {
  readonly #known: ReadonlyMap<string, Known<T>>;
  readonly #byFold: ReadonlyMap<string, string>;

  /**
   * @param names with spaces between them
   * @param meanings of some of them
   */
  constructor(names: string, meanings: Readonly<Record<string, T>> = {}) {
    const known = [...names.split(" "), ...Object.keys(meanings)];
    this.#known = new Map(known.map((name) => [name, { name, meaning: meanings[name], seenIn: 0 }]));
    this.#byFold = new Map(known.map((name) => [folded(name), name]));
  }

  has(name: string): boolean {
    return this.#known.has(name);
  }

  /** What is wrong with a name that is not known; undefined when it can be taken for no other. */
  confusion(name: string): string | undefined {
    if (!isSafe(name)) return `the key ${quoted(name)} has a control character or half a character`;
    const known = this.#byFold.get(folded(name));
    return known && `the key ${quoted(name)} could be read as "${known}"`;
  }

  /**
   * Looks at the keys of the object at `at`.
   * @param visit called with what is to be done with a value; may find more that is wrong
   * @returns what is wrong; undefined when nothing is, or it is no object
   */
  flawIn(
    text: string,
    at: number,
    visit?: (meaning: T, start: number, end: number, key: string) => string | undefined,
  ) {
    const object = ++objects;
    let flaw: string | undefined;
    eachMember(text, at, (key, start, end) => {
      if (flaw !== undefined) return;
      const known = this.#known.get(key);
      if (known === undefined) flaw = this.confusion(key);
      else if (known.seenIn === object) flaw = `the key "${key}" comes twice`;
      else {
        known.seenIn = object;
        if (known.meaning !== undefined) flaw = visit?.(known.meaning, start, end, key);
      }
    });
    return flaw;
  }
}

/** A client's own words in an answer to it, no longer than they need to be to be recognized. */
export const short = (text: string, limit: number) => (text.length > limit ? `${text.slice(0, limit)}…` : text);
export const quoted = (text: string, limit = 40) => JSON.stringify(short(text, limit));
