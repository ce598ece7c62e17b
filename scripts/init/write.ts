/** Writes the files of a new project, all or none, and none over another. */
import { closeSync, existsSync, lstatSync, mkdirSync, openSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { WrongUse } from "../kit/arguments.ts";

/**
 * Makes the folder, where there is none yet, and the files in it.
 * @param files each text by its path in the folder
 * @throws WrongUse when there are files of these names already, or a file is where a folder is expected
 * @throws Error when one cannot be written; what has been written is removed again
 */
export function writeNew(folder: string, files: ReadonlyMap<string, string>): void {
  const taken = [...files.keys()].filter((path) => isThere(join(folder, path)));
  if (taken.length > 0)
    throw new WrongUse(
      `${folder} has ${taken.join(", ")} already, and nothing is overwritten: move ${taken.length === 1 ? "it" : "them"} away, or name another folder`,
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
    throw failure(error as NodeJS.ErrnoException, folder);
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

function failure(error: NodeJS.ErrnoException, folder: string): Error {
  const { code = "", path = folder } = error;
  const problem = `the project could not be written: ${reasons[code] ?? `the system refuses it (${code})`}`;
  const message = problem.includes(path) ? problem : `${problem} (${path})`;
  return inTheWay.has(code) ? new WrongUse(message) : new Error(message, { cause: error });
}

/** What the reader has to name or move: other folders do. */
const inTheWay: ReadonlySet<string> = new Set(["ENOTDIR", "EEXIST", "ELOOP", "ENAMETOOLONG", "ENOENT"]);

const reasons: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "it is on a read-only file system",
  ENOSPC: "the disk is full",
  EDQUOT: "your quota is used up",
  EFBIG: "a file would be larger than you may write",
  ENOTDIR: "a file is where a folder is expected",
  EEXIST: "a link to nowhere is where a folder is expected",
  ELOOP: "a link to itself is where a folder is expected",
  ENAMETOOLONG: "the name is too long for this file system",
  ENOENT: "no folder can be made there",
};
