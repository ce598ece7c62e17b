/** The known word that a mistyped one most likely meant. */
import { closest, distance } from "fastest-levenshtein";

/** How many letters a mistyped word may have too many, too few or wrong. */
const MISTAKES = 2;

/** A shorter word is near to everything. */
const SHORTEST = 3;

/** The nearest of the known words, whatever their case; undefined when none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const words = [...known];
  if (words.length === 0 || word.length < SHORTEST) return undefined;
  const best = closest(word.toLowerCase(), words);
  return distance(word.toLowerCase(), best.toLowerCase()) <= MISTAKES ? best : undefined;
}

/** `, did you mean port?` or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const meant = nearest(word, known);
  return meant === undefined ? "" : `, did you mean ${meant}?`;
}
