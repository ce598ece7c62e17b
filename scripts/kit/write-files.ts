/** Changes several files: all of them, or none. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { shown } from "./folder.ts";
import { reasonOf, writeFresh } from "./fresh-file.ts";

/** A file, what is in it, and what is going to be. */
export interface Change {
  readonly path: string;
  /** undefined: there is none yet. */
  readonly before: string | undefined;
  /** undefined: it is removed. */
  readonly after: string | undefined;
}

/**
 * Writes them in one go, which no signal interrupts: each text is written beside its file first, and renamed when all are there.
 * Links stay links, modes stay as they are.
 * @throws Error naming the file that cannot be written, or that somebody has changed meanwhile; then none is changed
 */
export function writeFiles(changes: readonly Change[]): void {
  const undo: (() => void)[] = [];
  const ready: (() => void)[] = [];
  try {
    for (const change of changes) {
      checkWritable(change);
      const file = existsSync(change.path) ? realpathSync(change.path) : change.path;
      const { after, before } = change;
      if (after !== undefined) {
        const beside = writeBeside(file, after, undo);
        ready.push(() => renameSync(beside, file));
      } else ready.push(() => rmSync(file));
      undo.push(() => (before === undefined ? rmSync(file, { force: true }) : restore(file, before)));
    }
    for (const step of ready) step();
  } catch (error) {
    for (const step of undo.toReversed()) step();
    throw error;
  }
}

function checkWritable({ path, before }: Change): void {
  const now = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  if (now !== before) throw new Error(`${shown(path)} has changed meanwhile: try again`);
  if (now !== undefined && (statSync(path).mode & 0o222) === 0)
    throw new Error(`${shown(path)} is read-only: make it writable (chmod u+w ${shown(path)}), and try again`);
}

function writeBeside(file: string, text: string, undo: (() => void)[]): string {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const old = statSync(file, { throwIfNoEntry: false });
    const beside = writeFresh(file, text, old === undefined ? 0o666 & ~process.umask() : old.mode & 0o777, old);
    undo.push(() => rmSync(beside, { force: true }));
    return beside;
  } catch (cause) {
    throw new Error(`${shown(file)} cannot be written: ${reasonOf(cause as NodeJS.ErrnoException)}`, { cause });
  }
}

/** Only what has been changed already: the others may not even be writable. */
function restore(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}
