/** The files that change when a service comes or goes: the catalog, a lockfile, and those that name secrets. */
import { rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { servicesIn } from "../../stacks/catalog/read.ts";
import { place, project, shown } from "../../stacks/project.ts";
import { change, textOf } from "../kit/change.ts";
import { diffLines } from "../kit/diff.ts";
import { files, type Secret } from "../kit/secret-lines.ts";
import type { Change } from "../kit/write-files.ts";

/**
 * The catalog as it is going to be, checked as `npm start` would.
 * @throws Error when it cannot be read, or has other services than it should
 */
export async function checkCatalog(catalog: string, text: string, expected: readonly string[]): Promise<void> {
  const beside = join(dirname(catalog), `.new-${process.pid}-${basename(catalog)}`); // what it imports is found from there
  try {
    writeBeside(beside, text, catalog);
    const found = Object.keys(await servicesIn(beside));
    if (JSON.stringify(found) !== JSON.stringify(expected))
      throw new Error(
        `${shown(catalog)} would have ${found.join(", ")}, expected ${expected.join(", ")}: edit it yourself`,
      );
  } finally {
    rmSync(beside, { force: true });
  }
}

function writeBeside(file: string, text: string, catalog: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`nothing can be written beside ${shown(catalog)} (${code})`, { cause });
  }
}

/** What changes, and what has to be done by hand. */
export interface Lines {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

/** Lines for secrets in each file that names them and lacks them. */
export function addSecretLines(secrets: readonly Secret[]): Lines {
  return inEachFile((named, text) => {
    const missing = secrets.filter(({ name }) => !named.has(text, name));
    return missing.length === 0 ? text : named.with(text, missing);
  });
}

/** The same without the lines of secrets that nothing needs any more. A value in `.env` stays, and is told. */
export function removeSecretLines(secrets: readonly Secret[]): Lines {
  const { changes, notes } = inEachFile((named, text) => named.without(text, secrets));
  const [, env] = files;
  const text = (env && textOf(join(project, env.file))) ?? "";
  const kept = secrets.filter(({ name }) => env?.has(env.without(text, secrets), name)).map(({ name }) => name);
  return { changes, notes: [...notes, ...(kept.length === 0 ? [] : [`${kept.join(", ")} in .env`])] };
}

function inEachFile(edit: (named: (typeof files)[number], text: string) => string): Lines {
  const notes: string[] = [];
  const changes = files.flatMap((named) => {
    const path = join(project, named.file);
    const text = textOf(path);
    if (text === undefined) return [];
    try {
      return change(path, edit(named, text));
    } catch (error) {
      notes.push(`${named.file}: ${(error as Error).message}`);
      return [];
    }
  });
  return { changes, notes };
}

/** The changes as a reader sees them. Of `.env`, which has secrets in it, of lockfiles and of tools.lock, no lines are shown. */
export const shownChanges = (changes: readonly Change[]): string[] =>
  changes.flatMap(({ path, before, after }) => {
    const file = shown(path);
    if (file === ".env")
      return [`.env: ${after === undefined || before === undefined ? "" : lineCount(before, after, "empty ")}`];
    if (/(^|\/)locks\//.test(file))
      return [`${file}: ${after === undefined ? "is removed" : `new, ${lines(after)} lines`}`];
    if (path === place.toolsLock) return [`${file}: ${lineCount(before ?? "", after ?? "")}, the digests of its tools`];
    return diffLines(file, before, after);
  });

const lines = (text: string) => text.trimEnd().split("\n").length;

function lineCount(before: string, after: string, kind = ""): string {
  const more = lines(after) - lines(before);
  return `${Math.abs(more)} ${kind}${Math.abs(more) === 1 ? "line" : "lines"} ${more > 0 ? "more" : "fewer"}`;
}
