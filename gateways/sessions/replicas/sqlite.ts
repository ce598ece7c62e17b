/** A SQLite database in a file. The one place that touches node:sqlite, which is loaded only where there is a state folder. */
import type { DatabaseSync } from "node:sqlite";

/**
 * Opens a database, made when there is none.
 * @param patience milliseconds that a statement waits for a lock; the whole process waits with it
 * @throws Error when the file cannot be read or written
 */
export function openDatabase(file: string, patience: number): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  return new DatabaseSync(file, { timeout: patience });
}
