/** What a client calls itself: `claude-code 2.1.332`. Undefined when it says nothing of use. */
export function clientName(info: unknown): string | undefined {
  const { name, version } = (info ?? {}) as { name?: unknown; version?: unknown };
  const [called, numbered] = [short(name), short(version)];
  return called !== "" && numbered !== "" ? `${called} ${numbered}` : called || numbered || undefined;
}

const short = (word: unknown) => (typeof word === "string" ? word.slice(0, LONGEST) : "");

/** How many characters of a name, and of a version. */
const LONGEST = 100;
