/** Reads a client's file, and writes it anew so that nobody ever reads half of it and nothing is lost. */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";

/** A client's file as it was read. */
export interface Found {
  /** As the client names it. */
  readonly file: string;
  /** What a link leads to: the file that is written. */
  readonly target: string;
  /** undefined = there is none yet. */
  readonly before: Buffer | undefined;
  readonly text: string;
}

/** Who may read what is written. */
export interface Rights {
  /** Of a file or folder that is not there yet. */
  readonly created: number;
  /** Whether only the owner may read it, whatever the rights were. */
  readonly isPrivate: boolean;
}

/** Where the text before the last change is kept. */
export const backupOf = (file: string): string => `${file}.gangway-backup`;

/** @throws Error that says in one sentence why it cannot be read */
export function readClientFile(file: string): Found {
  return plainly(file, "read", () => {
    const target = targetOf(file);
    const before = unlessMissing(() => readFileSync(target));
    return { file, target, before, text: before === undefined ? "" : decoded(before) };
  });
}

/** @throws Error that says in one sentence why it was not written; the file is then as it was */
export function writeClientFile(found: Found, text: string, { created, isPrivate }: Rights): void {
  const { file, target, before } = found;
  plainly(file, "changed", () => {
    const old = before && statSync(target);
    if (old && (old.mode & 0o200) === 0) throw new Error(`it is read-only; to allow it: chmod u+w ${target}`);
    mkdirSync(dirname(target), { recursive: true, mode: created === 0o600 ? 0o700 : 0o777 });
    const fresh = `${target}.gangway-new`;
    const opened = openSync(fresh, "wx", 0o600);
    try {
      try {
        writeFileSync(opened, text);
        if (old && process.getuid !== undefined) fchownSync(opened, old.uid, old.gid);
        const mode = old ? old.mode & 0o777 : created & ~process.umask();
        fchmodSync(opened, isPrivate ? mode & 0o600 : mode);
        fsyncSync(opened);
      } finally {
        closeSync(opened);
      }
      if (!isUnchanged(found)) throw new Error("somebody else has changed it in the meantime; try again");
      if (before !== undefined) keep(backupOf(file), before);
      renameSync(fresh, target);
    } finally {
      rmSync(fresh, { force: true });
    }
  });
}

/** The text before the last change; undefined = there was none. */
export const readBackup = (file: string): string | undefined =>
  unlessMissing(() => readFileSync(backupOf(file), "utf8"));

/** For the owner alone: a token may be in it. */
function keep(backup: string, bytes: Buffer): void {
  rmSync(backup, { force: true });
  writeFileSync(backup, bytes, { mode: 0o600, flag: "wx" });
  chmodSync(backup, 0o600);
}

function isUnchanged({ target, before }: Found): boolean {
  const now = unlessMissing(() => readFileSync(target));
  return before === undefined ? now === undefined : now !== undefined && before.equals(now);
}

/** What the links lead to, also where nothing is at their end yet. */
function targetOf(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    const isLink = unlessMissing(() => lstatSync(file))?.isSymbolicLink() ?? false;
    return isLink ? targetOf(resolve(dirname(file), readlinkSync(file))) : file;
  }
}

/** @throws Error when a part of it would be lost */
function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error("it is not in UTF-8; save it so", { cause });
  }
}

function unlessMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/** In the words of a person. */
function plainly<T>(file: string, what: "read" | "changed", work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${file} was not ${what}: ${reasonOf(cause as NodeJS.ErrnoException)}`, { cause });
  }
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

function reasonOf({ code = "", message, path }: NodeJS.ErrnoException): string {
  if (code === "EEXIST" && path?.endsWith(".gangway-new"))
    return `another gangway is writing it; try again, or if there is none, delete ${path}`;
  return reasons[code] ?? message;
}
