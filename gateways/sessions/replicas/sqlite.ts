/** A SQLite database in a file. node:sqlite is loaded only where there is a state folder. */
import { existsSync } from "node:fs";
import type * as Sqlite from "node:sqlite";
import { makePrivateFile } from "./private-files.ts";

/** What SQLite puts beside a database while it is open. */
const BESIDE = ["-wal", "-shm", "-journal"];

/**
 * Opens a database, and creates it when there is none. Nobody but this user can read it.
 * @param busyTimeout milliseconds that a statement waits for a lock; the whole process waits with it
 * @throws Error when the file cannot be read or written
 */
export function openDatabase(file: string, busyTimeout: number): Sqlite.DatabaseSync {
  // SQLite gives the files beside a database its mode, but not to those that are there already.
  for (const path of [file, ...BESIDE.map((end) => file + end).filter(existsSync)]) makePrivateFile(path);
  const sqlite = process.getBuiltinModule("node:sqlite") as typeof Sqlite | undefined;
  if (sqlite === undefined)
    throw new Error(`its database needs Node 22.13 or newer; this is Node ${process.versions.node}`);
  return new sqlite.DatabaseSync(file, { timeout: busyTimeout });
}
