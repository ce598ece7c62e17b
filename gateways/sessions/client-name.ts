/** What a client calls itself: `claude-code 2.1.332`. Undefined when it says nothing of use. */
export function clientName(info: unknown): string | undefined {
  const { name, version } = (info ?? {}) as { name?: unknown; version?: unknown };
  const words = [name, version].filter((word) => typeof word === "string" && word !== "");
  return words.length === 0 ? undefined : words.map((word) => String(word).slice(0, LONGEST)).join(" ");
}

/** How many characters of a name, and of a version. */
const LONGEST = 100;
