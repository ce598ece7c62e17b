/** The folder of the database, which is for its user alone: keys that sign cookies are in it. */
import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const FILE = "auth.sqlite";
const FOLDER_MODE = 0o700;

/** The database, what SQLite puts beside it, and the settings that `npm start` and the deployment write. */
const OURS = /^(auth\.sqlite(-wal|-shm|-journal)?|resources\.json|lost\+found)$/;

/**
 * The database in a data folder. The folder is made where there is none, and closed to others where it holds nothing but our
 * own files: one with other things in it (a home, `/srv`) may be meant for others too, and the database in it is private anyway.
 * @throws Error when it cannot be made
 */
export function databaseIn(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: FOLDER_MODE });
  const { uid, mode } = statSync(dataDir);
  // Only its owner can change a mode, and a volume of another user must stay writable for that user.
  const mayClose = uid === process.geteuid?.() && (mode & 0o077) !== 0;
  if (mayClose && readdirSync(dataDir).every((name) => OURS.test(name))) chmodSync(dataDir, FOLDER_MODE);
  return join(dataDir, FILE);
}
