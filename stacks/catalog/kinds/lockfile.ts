/** The committed lockfiles: exactly what is installed for a server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { place, shown } from "../../project.ts";
import { fileName } from "./npm-package.ts";

/**
 * The lockfile of a package at its version.
 * @param file its ending: "json" is npm's, "txt" uv's
 * @param howToWrite finishes "has no lockfile in locks: ..."
 * @throws Error when there is none
 */
export function readLock(spec: string, file: "json" | "txt", howToWrite: string): string {
  try {
    return readFileSync(join(place.locks, `${fileName(spec)}.${file}`), "utf8");
  } catch (cause) {
    throw new Error(`${spec} has no lockfile in ${shown(place.locks)}: ${howToWrite}. Commit it`, {
      cause,
    });
  }
}
