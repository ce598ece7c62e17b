/** Writes the files of a new project, all or none, and none over another. */
import { closeSync, existsSync, lstatSync, mkdirSync, openSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { WrongUse } from "../kit/arguments.ts";

/**
 * Makes the folder, where there is none yet, and the files in it.
 * @param files each text by its path in the folder
 * @throws WrongUse when there are files of these names already
 * @throws Error when one cannot be written; what has been written is removed again
 */
export function writeNew(folder: string, files: ReadonlyMap<string, string>): void {
  const inTheWay = [...files.keys()].filter((path) => isThere(join(folder, path)));
  if (inTheWay.length > 0)
    throw new WrongUse(
      `${folder} has ${inTheWay.join(", ")} already, and nothing is overwritten: move ${inTheWay.length === 1 ? "it" : "them"} away, or name another folder`,
    );
  const undo: (() => void)[] = [];
  try {
    for (const [path, text] of files) {
      const file = join(folder, path);
      makeFolder(dirname(file), undo);
      closeSync(openSync(file, "wx"));
      undo.push(() => rmSync(file)); // from here on it is ours, also when the disk is full before its end
      writeFileSync(file, text);
    }
  } catch (error) {
    for (const step of undo.toReversed()) step();
    throw new Error(`the project could not be written: ${reasonOf(error as NodeJS.ErrnoException)}`, { cause: error });
  }
}

/** Whether the name is taken, if only by a link to nowhere. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // it cannot be asked for, and so not be written either: that says why
  }
}

/** Makes a folder and those above it. */
function makeFolder(folder: string, undo: (() => void)[]): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), undo);
  mkdirSync(folder);
  undo.push(() => rmdirSync(folder));
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "it is on a read-only file system",
  ENOSPC: "the disk is full",
  EDQUOT: "your quota is used up",
  ENOTDIR: "a file is where a folder is expected",
};

function reasonOf({ code = "", message, path }: NodeJS.ErrnoException): string {
  const reason = reasons[code];
  return reason === undefined ? message : `${reason}${path === undefined ? "" : ` (${path})`}`;
}
