/** Reads patterns for names of tools, as `tools` and `allow` have them. */
import { KINDS } from "../tool-patterns.ts";
import { list, ValueError } from "./units.ts";

/** Patterns for names of tools: `read_*`, `!delete_*`. An empty list could mean all or none, so it is refused. */
export function patterns(text: string): string[] {
  const found = list(text);
  if (found.length === 0) throw new ValueError(text, `${PATTERNS}; !* offers none`);
  return found.map(pattern);
}

const PATTERNS = "names of tools such as read_* or !delete_*, with * and ? alone";

/** What only a regular expression or another kind of pattern has would match nothing. */
function pattern(text: string): string {
  if (/^!?[^![\]{}()|^$\\]+$/.test(text)) return text;
  throw new ValueError(text, PATTERNS);
}

/** The same for what a caller may use: `@resources` and `@prompts` are among them. */
export function usable(texts: readonly string[]): readonly string[] {
  const unknown = texts.find((text) => /^!?@/.test(text) && !KINDS.has(text.replace(/^!/, "")));
  if (unknown !== undefined) throw new ValueError(unknown, `one of ${[...KINDS.keys()].join(", ")}`);
  if (texts.length === 0) throw new ValueError("", `${PATTERNS}; !* opens nothing`);
  return texts.map(pattern);
}
