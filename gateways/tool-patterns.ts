/** Which tools are offered, by patterns for their names: `read_*`, `!delete_*`. */

/** What a server has besides tools. */
export type Kind = "resources" | "prompts";

/**
 * How a list of patterns names them, where it says what a caller may use. A tool's name has no `@` (MCP 2025-11-25, Tools, "Tool
 * Names").
 */
export const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["@resources", "resources"],
  ["@prompts", "prompts"],
]);

/** A longer name is no tool's: the revisions recommend 128 characters, and a client must not keep the matching busy. */
const LONGEST_NAME = 1_024;

interface Pattern {
  readonly written: string;
  /** What a name has to match, character by character. */
  readonly characters: readonly string[];
  readonly excludes: boolean;
}

/**
 * A list of patterns. `*` stands for any characters, `?` for any one, and the case counts. `!` excludes. A tool is offered if
 * a pattern without `!` matches it, or if there is none, and if no pattern with `!` matches it: their order does not matter.
 */
export class ToolPatterns {
  readonly #patterns: readonly Pattern[];
  readonly #includes: readonly Pattern[];
  readonly #excludes: readonly Pattern[];
  /** Whether every tool is offered, whatever its name. */
  readonly offersAll: boolean;
  /** Whether none is. */
  readonly offersNone: boolean;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(patternOf);
    this.#includes = this.#patterns.filter(({ excludes }) => !excludes);
    this.#excludes = this.#patterns.filter(({ excludes }) => excludes);
    const includesAll = this.#includes.length === 0 || this.#includes.some(({ written }) => written === "*");
    this.offersAll = includesAll && this.#excludes.length === 0;
    this.offersNone = this.#excludes.some(({ characters }) => characters.join("") === "*");
  }

  /** @param name decoded: it is compared as a server reads it */
  offers(name: string): boolean {
    if (name === "" || name.length > LONGEST_NAME) return false;
    const characters = Array.from(name);
    const isMatch = (pattern: Pattern) => matches(pattern.characters, characters);
    return (this.#includes.length === 0 || this.#includes.some(isMatch)) && !this.#excludes.some(isMatch);
  }

  /** The patterns, as they are written, that match none of these names. */
  unmatchedBy(names: readonly string[]): string[] {
    const all = names.map((name) => Array.from(name));
    const unmatched = this.#patterns.filter(({ characters }) => !all.some((name) => matches(characters, name)));
    return unmatched.map(({ written }) => written);
  }
}

function patternOf(written: string): Pattern {
  const excludes = written.startsWith("!");
  return { written, characters: Array.from(excludes ? written.slice(1) : written), excludes };
}

/**
 * Takes as little as possible for each `*`, and goes back to the last one alone. So it takes at most as many steps as the
 * lengths multiplied, where a regular expression may take for ever.
 */
function matches(pattern: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  let star = -1;
  let taken = 0;
  for (let next = 0; next < name.length;) {
    if (pattern[at] === "*") {
      star = at++;
      taken = next;
    } else if (pattern[at] === "?" || pattern[at] === name[next]) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++taken;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
