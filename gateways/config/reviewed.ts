/** The reviewed tools of a service as one text: `read_graph=<digest>,...`. Names are percent-encoded, as anything may be in one. */
import { DIGEST } from "../tool-digest.ts";
import { list, ValueError } from "./units.ts";

/** Stands for a server without tools, whose text would be empty and so not set. */
const NONE = "none";

/** The digest of each reviewed tool, by its name. */
export type Reviewed = ReadonlyMap<string, string>;

/** @throws ValueError that shows the word that cannot be read */
export function reviewedTools(text: string): string[] {
  const words = list(text);
  if (words.length === 1 && words[0] === NONE) return words;
  for (const word of words) entryOf(word);
  return words;
}

/** What was read. @returns undefined when nothing was set: the tools have not been reviewed */
export function reviewedIn(words: readonly string[]): Reviewed | undefined {
  if (words.length === 0) return undefined;
  return new Map(words.filter((word) => word !== NONE).map(entryOf));
}

/** The same to be written. */
export const writtenReview = (reviewed: Iterable<readonly [name: string, digest: string]>): string =>
  Array.from(reviewed, ([name, digest]) => `${encoded(name)}=${digest}`).join(",") || NONE;

function entryOf(word: string): readonly [name: string, digest: string] {
  const at = word.lastIndexOf("=");
  const digest = word.slice(at + 1);
  const name = at > 0 && DIGEST.test(digest) ? decoded(word.slice(0, at)) : undefined;
  if (name === undefined) throw new ValueError(word, "the name of a tool, =, and its digest, as tools.lock has them");
  return [name, digest];
}

/** Half a character cannot be encoded, and no tool with one in its name can be called. */
const encoded = (name: string) => encodeURIComponent(name.toWellFormed());

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
