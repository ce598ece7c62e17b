/** `gangway --help`: everything there is, on one screen. */
import { groups } from "./verbs.ts";

/** At most 24 lines of 80 characters. */
export function helpScreen(): string {
  const sections = Object.entries(groups).map(([title, verbs]) =>
    [`${title}:`, ...Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)].join("\n"),
  );
  return [INTRODUCTION, ...sections, MORE].join("\n");
}

const INTRODUCTION = `gangway puts MCP servers online: gangway-mcp --stdio "npx -y @playwright/mcp"`;

const MORE = `More: help <verb>, help gateway (flags for one server), completion bash|zsh|fish`;
