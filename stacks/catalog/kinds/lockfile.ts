/** The committed lockfiles: exactly what is installed for a server. */
import { readFileSync } from "node:fs";
import { fileName } from "./npm-package.ts";

const locks = new URL("../../locks/", import.meta.url);

/**
 * The lockfile of a package at its version.
 * @param file its ending: "json" is npm's, "txt" uv's
 * @param howToWrite finishes "has no lockfile in stacks/locks: ..."
 * @throws Error when there is none
 */
export function readLock(spec: string, file: "json" | "txt", howToWrite: string): string {
  try {
    return readFileSync(new URL(`${fileName(spec)}.${file}`, locks), "utf8");
  } catch (cause) {
    throw new Error(`${spec} has no lockfile in stacks/locks: ${howToWrite}. Commit it`, { cause });
  }
}
