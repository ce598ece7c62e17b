/** What is known of a server that did not start, and how one fault is told from another. */

/** Everything that may tell what is wrong. */
export interface Clues {
  readonly command: string;
  readonly args: readonly string[];
  /** The last lines of its standard error, the one that has not ended included. */
  readonly stderr: string;
  /** What it wrote to standard output that is no message: the first lines, the one that has not ended included. */
  readonly stdout: string;
  /** How it ended. @default - it still runs */
  readonly end?: { readonly code: number | null; readonly signal: string | null } | undefined;
  /** The variables that it was given. */
  readonly given: Readonly<Record<string, string | undefined>>;
  /** The gateway's own variables. */
  readonly here: Readonly<Record<string, string | undefined>>;
  /** Whether it is one of the servers of a file, which has its variables there, too. */
  readonly inFile: boolean;
}

/**
 * One fault: what was seen in the output, and what is wrong and what to do, in whole sentences. `undefined` when it is
 * something else after all.
 */
export type Fault = readonly [
  seen: RegExp,
  told: string | ((found: RegExpExecArray, clues: Clues) => string | undefined),
];

/** A line of a server's, as it is quoted: short, on one line, in quotation marks. */
export function quoted(line: string): string {
  const text = line.trim().replace(/\s+/g, " ");
  return `"${(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text).replaceAll('"', "'")}"`;
}

/** How many characters of a line are quoted. */
const LONGEST = 120;

/** The line in which something was found. */
export function lineOf({ input, index }: RegExpExecArray): string {
  const start = input.lastIndexOf("\n", index) + 1;
  const end = input.indexOf("\n", index);
  return input.slice(start, end < 0 ? undefined : end);
}
