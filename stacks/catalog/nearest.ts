import { closest, distance } from "fastest-levenshtein";

/** The known word that a mistyped one most likely meant; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const best = closest(word.toLowerCase(), known);
  // Up to a third of the word may differ, or it is no slip of the hand.
  return distance(word.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.ceil(word.length / 3)) ? best : undefined;
}
