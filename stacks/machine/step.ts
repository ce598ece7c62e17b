/** One step on the way to a machine that runs Docker as we need it: data, from which cloud-init's file and the work over SSH are made. */
import { dirname } from "node:path/posix";

export interface Step {
  /** What it does, as a person reads it: "install Docker". */
  readonly what: string;
  /** sh that ends with 0 where nothing is to be done. It changes nothing. */
  readonly check: string;
  /** sh that does it, run by root under `set -e`. A second run does no harm. */
  readonly make: string;
  /** sh that prints what exactly would be done, a line each. It changes nothing. @default - `what` says it all */
  readonly details?: string;
  /** What to do where it does not work. @default - what it printed says enough */
  readonly remedy?: string;
}

/** A file with this content, whatever was in it before. */
export const fileStep = (what: string, path: string, content: string): Step => ({
  what: `${what} (${path})`,
  check: hasContent(path, content),
  make: writeFile(path, content),
});

/** sh that ends with 0 where the file has exactly this content. */
export const hasContent = (path: string, content: string): string => `printf %s ${quoted(content)} | cmp -s - ${path}`;

/** sh that writes the file in one go, so that nobody reads half of it. */
export const writeFile = (path: string, content: string): string =>
  `mkdir -p ${dirname(path)}\nprintf %s ${quoted(content)} > ${path}.new\nchmod 644 ${path}.new\nmv ${path}.new ${path}`;

/** sh that does what is still to be done. It needs `set -e` before it, so that the first failure ends it. */
export const scriptOf = ({ check, make }: Step): string => `if ! {\n${check}\n}; then\n${make}\nfi`;

/** One word of sh. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
