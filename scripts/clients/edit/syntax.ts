/** What the editors of JSON, TOML and YAML have in common: where something stands in a file, and what each can do to it. */
import type { Entry, Value } from "../../../templates/clients/format.ts";

/** A key of a map, or the item of a list whose member `by` is this. */
export type Step = string | { readonly by: string; readonly is: string };

/** From the top of the file. */
export type Path = readonly Step[];

/** An editor of one language. The texts have no byte order mark. Each throws `Unreadable` for what it cannot parse. */
export interface Syntax {
  /** What stands there; undefined = nothing. Of two equal keys the last one counts, where the language allows them. */
  readonly read: (text: string, path: Path) => unknown;
  /** The text with this value there. Makes the maps and lists on the way to it. */
  readonly put: (text: string, path: Path, value: Value) => string;
  /** The text without it. A map or list that is empty then stays. */
  readonly take: (text: string, path: Path) => string;
}

/** A file that is not what its name says, or has something else where an entry belongs. */
export class Unreadable extends Error {
  /** @param offset where it was noticed */
  constructor(text: string, offset: number, what: string) {
    const before = text.slice(0, offset).split("\n");
    super(`line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${what}`);
  }
}

/** The text with one part replaced. */
export const splice = (text: string, from: number, to: number, by: string): string =>
  text.slice(0, from) + by + text.slice(to);

/** How the lines of a text end: as its first one. */
export const lineEnd = (text: string): string => (/\r?\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n");

/** Where the line begins. */
export const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1;

/** Where the next line begins: at the end of the text, if there is none. */
export function nextLine(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  return at < 0 ? text.length : at + 1;
}

/** The blanks that a line begins with. */
export const indentOf = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? "";

/** Whether there are only blanks before it on its line. */
export const isFirstOnLine = (text: string, offset: number): boolean =>
  text.slice(lineStart(text, offset), offset).trim() === "";

/** What is put at a path of which these steps do not exist yet. */
export function wrapped(steps: Path, value: Value): Value {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  return typeof step === "string" ? { [step]: wrapped(rest, value) } : [wrapped(rest, value)];
}

/** As a person reads a path: `mcpServers.memory`. */
export const named = (path: Path): string =>
  path.length === 0 ? "the top" : path.map((step) => (typeof step === "string" ? step : step.is)).join(".");

/** On one line: `{ "a": 1, "b": [ 2 ] }`. */
export const oneLine = (value: Value): string => JSON.stringify(value, undefined, 1).replace(/\n\s*/g, " ");

export const isMap = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** A parser that remembers its last text, because one edit asks for the same tree several times. */
export function remembering<Tree>(parse: (text: string) => Tree): (text: string) => Tree {
  let last: { text: string; tree: Tree } | undefined;
  return (text) => (last?.text === text ? last : (last = { text, tree: parse(text) })).tree;
}
