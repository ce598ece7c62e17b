/** JSON of which nobody knows whether it is any. */

/** What a text says; undefined for one that is no JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
