/** Writes the lockfiles that servers from npm and PyPI lack. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileName, splitPackage } from "../../stacks/catalog/kinds/npm-package.ts";
import { folder, scratchFolder, shown } from "./folder.ts";
import type { RunNpm } from "./npm.ts";
import { lockPypi } from "./uv.ts";

/** A service, as far as it has a package. */
interface Locked {
  readonly server: { readonly kind: string; readonly package?: string };
}

/** What locks a package. */
export interface Locking {
  /** Called only when something from npm lacks its lockfile. */
  readonly npm: () => RunNpm;
  readonly signal: AbortSignal;
  /** @default - where they are committed */
  readonly locks?: string;
}

/** Packages without their lockfile: each once. */
export function withoutLock(
  services: readonly Locked[],
  locks: string = folder.locks,
): (readonly [spec: string, file: string])[] {
  const files = services.flatMap(({ server: { kind, package: spec } }) => {
    const ending = endings[kind];
    return spec === undefined || ending === undefined
      ? []
      : [[spec, join(locks, `${fileName(spec)}.${ending}`)] as const];
  });
  return [...new Map(files)].filter(([, file]) => !existsSync(file));
}

const endings: Readonly<Record<string, string>> = { npm: "json", pypi: "txt" };

/**
 * Writes those that are missing. One that cannot be written stops no other.
 * @returns a line for each: the file, to be committed, or why there is none
 */
export async function writeMissingLocks(services: readonly Locked[], locking: Locking): Promise<string[]> {
  const lines: string[] = [];
  for (const [spec, file] of withoutLock(services, locking.locks)) {
    try {
      const text = file.endsWith(".json") ? await lockNpm(spec, locking.npm()) : await lockPypi(spec, locking.signal);
      mkdirSync(locking.locks ?? folder.locks, { recursive: true });
      writeFileSync(file, text);
      lines.push(`${shown(file)} is new: commit it.`);
    } catch (error) {
      locking.signal.throwIfAborted();
      lines.push(`${spec} has no lockfile, and none can be written: ${(error as Error).message}`);
    }
  }
  return lines;
}

async function lockNpm(spec: string, npm: RunNpm): Promise<string> {
  const scratch = scratchFolder("lock");
  try {
    const { name, version } = splitPackage(spec);
    const manifest = { name: "gangway-server", private: true, dependencies: { [name]: version } };
    writeFileSync(join(scratch.path, "package.json"), JSON.stringify(manifest));
    await npm("lock", scratch.path);
    return readFileSync(join(scratch.path, "package-lock.json"), "utf8");
  } finally {
    scratch.remove();
  }
}
