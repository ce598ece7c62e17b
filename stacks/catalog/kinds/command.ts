/** command(): any stdio server, started as it is. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import type { ContextFile } from "../../images/context.ts";
import { project } from "../../project.ts";
import type { StdioKind } from "./kind.ts";
import { words as wordsRule } from "./rules.ts";

interface CommandServer {
  readonly kind: "command";
  readonly command: readonly string[];
}

/** Any stdio MCP server, run as it is: `command(["node", "servers/mine/main.js"])`. */
export const command = (words: readonly string[]): CommandServer => ({ kind: "command", command: words });

export const commandKind: StdioKind<CommandServer> = {
  kind: "command",
  role: "stdio",
  fields: { command: wordsRule },
  recipe: (server) => ({ dockerfile: "command", files: filesOf(server.command) }),
  command: (server) => server.command,
  // It is the reader's own and may name files of the project.
  local: { start: (server) => ({ words: server.command, folder: "project" }) },
};

/** The folders of the files that a command names: `node servers/mine/main.js` brings servers/mine. */
function filesOf(words: readonly string[]): Record<string, ContextFile> {
  const folders = words.filter(isFileHere).map((word) => posix.dirname(posix.normalize(word)));
  if (folders.includes("."))
    throw new Error(
      `"${words.join(" ")}" names a file at the top of the project: put the server into a folder of its own`,
    );
  const paths = folders.flatMap((folder) => filesBelow(folder));
  return Object.fromEntries(paths.map((path) => [`server/${path}`, fileHere(path)]));
}

function isFileHere(word: string): boolean {
  if (posix.isAbsolute(word) || posix.normalize(word).startsWith("..")) return false;
  return statSync(join(project, word), { throwIfNoEntry: false })?.isFile() ?? false;
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(project, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isFile()) return ignored.test(entry.name) ? [] : [path];
    return entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git" ? filesBelow(path) : [];
  });
}

/** Never part of an image: a server's own `.env` has secrets in it. */
const ignored = /^\.env($|\.)|\.log$/;

const fileHere = (path: string): ContextFile => ({
  content: readFileSync(join(project, path)),
  executable: (statSync(join(project, path)).mode & 0o100) !== 0,
});
