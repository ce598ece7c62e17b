/** `gangway --help`: everything there is, on one screen. */
import { groups, type Verbs } from "./verbs.ts";

/** At most 24 lines of 80 characters: the verbs by subject in two columns. */
export function helpScreen(all: Readonly<Record<string, Verbs>> = groups): string {
  const subjects = Object.entries(all).map(subjectLines);
  const [left, right] = columnsOf(subjects);
  const width = Math.max(...left.map(({ length }) => length));
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, row) =>
    `${(left[row] ?? "").padEnd(width)}  ${right[row] ?? ""}`.trimEnd(),
  );
  return [INTRODUCTION, "", ...rows, "", MORE].join("\n");
}

const INTRODUCTION = `gangway puts MCP servers online: gangway-mcp --stdio "npx -y @playwright/mcp"`;

const MORE = `More: help <verb>, help gateway (flags for one server), completion bash|zsh|fish`;

function subjectLines([title, verbs]: readonly [string, Verbs]): string[] {
  const all = Object.entries(verbs);
  const width = Math.max(...all.map(([name]) => name.length));
  return [`${title}:`, ...all.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)];
}

/** As even as whole subjects can be, in their order. */
function columnsOf(subjects: readonly string[][]): readonly [left: string[], right: string[]] {
  const cuts = subjects.map((_, at) => [subjects.slice(0, at + 1).flat(), subjects.slice(at + 1).flat()] as const);
  const longer = ([left, right]: (typeof cuts)[number]) => Math.max(left.length, right.length);
  return cuts.toSorted((one, other) => longer(one) - longer(other))[0]!;
}
