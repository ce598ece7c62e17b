/**
 * Which tools fit a query: BM25 over the words of their names and descriptions. It is one pass, and keeps nothing of a tool
 * that does not fit.
 */

/** What can be found. */
export interface Findable {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** How often a word counts when it stands in a name. */
const NAME_WEIGHT = 3;
/** How much a word counts that only begins like the one of the query, or the other way round, and from how many characters on. */
const PREFIX_WEIGHT = 0.5;
const SHORTEST_PREFIX = 3;
/** How quickly more of the same word stops to matter, and how much the length of a description does. */
const K = 1.2;
const B = 0.75;

/** How many words of a query count, and how many characters of a text. */
const MOST_WORDS = 32;
const LONGEST_TEXT = 1_000;

/** `createIssue`, `create_issue` and "Create issues" have the same words. Scripts without spaces have a word a character. */
export function wordsOf(text: string): string[] {
  const words = text.slice(0, LONGEST_TEXT).normalize("NFKC").match(WORD) ?? [];
  return words.map((word) => singular(word.toLowerCase()));
}

const WORD =
  /\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|\p{Lu}+|\p{N}+|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|[\p{Lo}\p{Lm}\p{Lt}\p{M}]+/gu;

/** Words of a query that say nothing. */
const EMPTY: ReadonlySet<string> = new Set(
  "a an and are as at by can do for from how i in is it me of on or that the there this to what which with".split(" "),
);

function singular(word: string): string {
  if (word.length <= 3 || !word.endsWith("s") || word.endsWith("ss")) return word;
  return word.endsWith("ies") ? `${word.slice(0, -3)}y` : word.slice(0, -1);
}

/** A tool that has some of the query's words. */
interface Candidate<Kept> {
  readonly kept: Kept;
  /** How often it has each word of the query. */
  readonly counts: readonly number[];
  readonly length: number;
}

/** Ranks tools, one after the other, for one query. @typeParam Kept what is kept of those that fit */
export class Ranking<Kept> {
  readonly #query: readonly string[];
  /** How many tools have each word of the query. */
  readonly #having: number[];
  readonly #candidates: Candidate<Kept>[] = [];
  #tools = 0;
  #words = 0;

  constructor(query: string) {
    this.#query = [...new Set(wordsOf(query))].filter((word) => !EMPTY.has(word)).slice(0, MOST_WORDS);
    this.#having = this.#query.map(() => 0);
  }

  /** How many tools have been added. */
  get tools(): number {
    return this.#tools;
  }

  /** @param keep makes what is kept if it fits: without words in the query every tool does */
  add({ name, title, description }: Findable, keep: () => Kept): void {
    const [names, texts] = [wordsOf(name), wordsOf(`${title} ${description}`)];
    const length = names.length + texts.length;
    const counts = this.#query.map((word) => NAME_WEIGHT * count(word, names) + count(word, texts));
    this.#tools++;
    this.#words += length;
    counts.forEach((found, at) => found > 0 && this.#having[at]!++);
    const fits = this.#query.length === 0 || counts.some((found) => found > 0);
    if (fits) this.#candidates.push({ kept: keep(), counts, length });
  }

  /** The tools that fit, best first; of two that fit equally well the one that was added first. */
  best(limit: number): Kept[] {
    const rarity = this.#having.map((having) => Math.log(1 + (this.#tools - having + 0.5) / (having + 0.5)));
    const average = this.#words / this.#tools;
    const score = ({ counts, length }: Candidate<Kept>) => {
      const ease = K * (1 - B + (B * length) / average);
      return counts.reduce((sum, found, at) => sum + (rarity[at]! * found * (K + 1)) / (found + ease), 0);
    };
    return this.#candidates
      .map((candidate) => ({ ...candidate, score: score(candidate) }))
      .toSorted((one, other) => other.score - one.score)
      .slice(0, limit)
      .map(({ kept }) => kept);
  }
}

function count(word: string, words: readonly string[]): number {
  return words.reduce((sum, other) => sum + likeness(word, other), 0);
}

function likeness(word: string, other: string): number {
  if (word === other) return 1;
  if (Math.min(word.length, other.length) < SHORTEST_PREFIX) return 0;
  return word.startsWith(other) || other.startsWith(word) ? PREFIX_WEIGHT : 0;
}
