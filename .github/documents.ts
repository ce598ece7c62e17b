/** The documents, and the commands in them. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** The top of the repository. */
export const root = join(import.meta.dirname, "..");

/** Every Markdown file, relative to the top. */
export function documents(folder = root): string[] {
  const skipped = ["node_modules", ".git", ".gangway", "cdktf.out"];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.includes(entry.name) ? [] : documents(path);
    return entry.name.endsWith(".md") ? [relative(root, path)] : [];
  });
}

/** A command that a document tells its reader to type. */
export interface Command {
  readonly document: string;
  readonly text: string;
}

/** What a reader would paste: each command of the sh blocks, and those of ours that stand in a line. */
export function commandsOf(document: string): readonly Command[] {
  const text = readFileSync(join(root, document), "utf8");
  const blocks = Array.from(text.matchAll(/^ *```sh\n(.*?)^ *```$/gms), ([, block = ""]) => block);
  const prose = text.replaceAll(/^ *```.*?^ *```$/gms, "").replaceAll("\\|", "|");
  const inline = Array.from(
    prose.matchAll(/`((?:npx (?:gangway|cdktf)|npm (?:ci|start|test|run|create))\b[^`]*)`/g),
    ([, line = ""]) => line,
  );
  return [...blocks.flatMap(lines), ...inline]
    .flatMap((line) => line.split(/ (?:&&|;) /))
    .map((line) => ({ document, text: line.replaceAll(/\s+/g, " ").trim() }));
}

/** The logical lines of a block: a quote or a backslash at the end continues one; what follows a # is for people. */
function lines(block: string): string[] {
  const found: string[] = [];
  let open = "";
  for (const line of block.split("\n")) {
    open += `${line.replace(/(^|\s)# .*$/, "")}\n`;
    if (open.endsWith("\\\n") || (open.match(/'/g)?.length ?? 0) % 2 === 1 || opens(open) > 0) continue;
    found.push(open.replaceAll("\\\n", " ").trim());
    open = "";
  }
  return found.filter((line) => line !== "");
}

/** How many `$(` are still open. */
const opens = (text: string) => (text.match(/\$\(/g)?.length ?? 0) - (text.match(/\)/g)?.length ?? 0);
