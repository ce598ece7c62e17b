import { detached } from "../detached.ts";

/** How many texts are remembered, and up to which length unless that is said. */
const MOST = 200;
const LONGEST = 200;

/**
 * A function of a text that remembers what it found. Clients send the same header with every request, so most of the work of
 * reading one is spared.
 * @param read what depends on the text alone; what it throws is not remembered
 */
export function remembered<T>(read: (text: string) => T, longest = LONGEST): (text: string) => T {
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
