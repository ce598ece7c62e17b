/** A change of one file, as it is shown and then written. */
import { existsSync, readFileSync } from "node:fs";
import type { Change } from "./write-files.ts";

/** What is there now; undefined where nothing is. */
export const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

/** A change of a file; none where nothing changes. */
export function change(path: string, after: string | undefined): Change[] {
  const before = textOf(path);
  return before === after ? [] : [{ path, before, after }];
}
