/** Reads a client's file, and writes it anew so that nobody ever reads half of it and nothing is lost. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { reasonOf, writeFresh } from "../../kit/fresh-file.ts";

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
    const mode = old ? old.mode & 0o777 : created & ~process.umask();
    const fresh = writeFresh(target, text, isPrivate ? mode & 0o600 : mode, old);
    try {
      if (!isUnchanged(found)) throw new Error("it has changed meanwhile: try again");
      if (before !== undefined) keep(backupOf(file), before);
      renameSync(fresh, target);
    } finally {
      rmSync(fresh, { force: true });
    }
  });
}

/** Takes away a file in which nothing is left. @throws Error that says in one sentence why it is still there */
export function removeClientFile(found: Found): void {
  const { file, target, before } = found;
  plainly(file, "removed", () => {
    if (!isUnchanged(found)) throw new Error("it has changed meanwhile: try again");
    if (before !== undefined) keep(backupOf(file), before);
    rmSync(target);
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
function plainly<T>(file: string, what: "read" | "changed" | "removed", work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${file} was not ${what}: ${reasonOf(cause as NodeJS.ErrnoException)}`, { cause });
  }
}
