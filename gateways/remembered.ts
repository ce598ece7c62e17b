/** Remembers what was read from texts that come again and again. */
import { detached } from "./detached.ts";

/** How many texts are remembered, and up to which length unless that is said. */
const MOST = 200;
const LONGEST = 200;

/**
 * A function of a text that remembers what it found: clients send the same headers with every request.
 * @param read must depend on the text alone, which has one character a byte. What it throws is not remembered,
 *   and it must return something: undefined stands for a text that is not known
 */
export function remembered<T extends string | number | boolean | object>(
  read: (text: string) => T,
  longest = LONGEST,
): (text: string) => T {
  const found = new Map<string, T>();
  return (text) => {
    const known = found.get(text);
    if (known !== undefined || text.length > longest) return known ?? read(text);
    const value = read(text);
    if (found.size >= MOST) found.clear();
    found.set(detached(text), value);
    return value;
  };
}

/**
 * A function of a short text that remembers the last one alone, where looking it up in a table would cost as much as reading it.
 * @param read must depend on the text alone
 */
export function rememberingLast<T>(read: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly value: T } | undefined;
  return (text) => {
    if (last?.text === text) return last.value;
    const value = read(text);
    if (text.length <= LONGEST) last = { text: detached(text), value };
    return value;
  };
}
