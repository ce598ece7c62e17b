/**
 * What a list of patterns opens: tools by their names, and with `@resources` and `@prompts` what a server has besides them. The
 * patterns of a token, of a scope and of `allow` are read here.
 */
import { KINDS, ToolPatterns, type Kind } from "../../tool-patterns.ts";

/**
 * What one list opens. `*`, and a list that only excludes, open everything that is not excluded; a list of names opens these
 * tools and nothing else. An empty list opens nothing.
 */
export class Grant {
  readonly #tools: ToolPatterns | undefined;
  readonly #kinds: ReadonlySet<Kind>;
  /** Whether it makes no difference. */
  readonly opensAll: boolean;

  constructor(patterns: readonly string[]) {
    const tools = patterns.filter((pattern) => !KINDS.has(positive(pattern)));
    this.#tools = tools.length === 0 ? undefined : new ToolPatterns(tools);
    this.#kinds = kindsIn(patterns);
    this.opensAll = (this.#tools?.offersAll ?? false) && this.#kinds.size === KINDS.size;
  }

  opens(tool: string): boolean {
    return this.#tools?.offers(tool) ?? false;
  }

  opensKind(kind: Kind): boolean {
    return this.#kinds.has(kind);
  }

  /** Whether it opens nothing, whatever a server has. */
  get isEmpty(): boolean {
    return (this.#tools === undefined || this.#tools.offersNone) && this.#kinds.size === 0;
  }
}

const positive = (pattern: string) => pattern.replace(/^!/, "");

/** A pattern with `*` in a name is about tools alone: `*s` is not `@prompts`. */
function kindsIn(patterns: readonly string[]): ReadonlySet<Kind> {
  const includes = patterns.filter((pattern) => !pattern.startsWith("!"));
  const all = patterns.length > 0 && (includes.length === 0 || includes.includes("*"));
  const isOpen = (word: string) =>
    (all || includes.includes(word)) && !patterns.includes(`!${word}`) && !patterns.includes("!*");
  return new Set([...KINDS].filter(([word]) => isOpen(word)).map(([, kind]) => kind));
}
