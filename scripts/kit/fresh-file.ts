/** Writes a file's new text beside it, for a rename: so nobody ever reads half of it, and its rights stay as they are. */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";

/** What is written beside it is called so, too: of two writers the second one is refused. */
const freshOf = (target: string) => `${target}.gangway-new`;

/**
 * On the disk when it returns. Whoever calls it renames it, or removes it.
 * @param mode its rights, whatever the umask
 * @param owner whose it was until now @default whoever runs this
 * @returns its path
 * @throws Error of Node, and then nothing is there
 */
export function writeFresh(target: string, text: string, mode: number, owner?: Pick<Stats, "uid" | "gid">): string {
  const fresh = freshOf(target);
  removeForgotten(fresh);
  const opened = openSync(fresh, "wx", 0o600);
  try {
    writeFileSync(opened, text);
    if (owner !== undefined && process.getuid !== undefined) fchownSync(opened, owner.uid, owner.gid);
    fchmodSync(opened, mode);
    fsyncSync(opened);
    return fresh;
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    closeSync(opened);
  }
}

/** Milliseconds after which whoever wrote it was killed in the middle: it takes a few. */
const FORGOTTEN = 60_000;

function removeForgotten(fresh: string): void {
  const there = statSync(fresh, { throwIfNoEntry: false });
  if (there !== undefined && Date.now() - there.mtimeMs > FORGOTTEN) rmSync(fresh, { force: true });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "you have no right to",
  EPERM: "you have no right to",
  EROFS: "its disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "your part of the disk is full",
  EFBIG: "it would be larger than your limit for files",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file",
  ELOOP: "its links lead in a circle",
};

/** Why a file could not be read or written, in the words of a person. */
export function reasonOf({ code = "", message, path }: NodeJS.ErrnoException): string {
  if (code === "EEXIST" && path?.endsWith(freshOf(""))) return "another gangway is writing it: try again";
  return reasons[code] ?? message;
}
