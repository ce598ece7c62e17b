/** A SQLite database in a file. node:sqlite is loaded only where there is a state folder. */
import type { DatabaseSync } from "node:sqlite";

/**
 * Opens a database, and creates it when there is none.
 * @param busyTimeout milliseconds that a statement waits for a lock; the whole process waits with it
 * @throws Error when the file cannot be read or written
 */
export function openDatabase(file: string, busyTimeout: number): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  return new DatabaseSync(file, { timeout: busyTimeout });
}
