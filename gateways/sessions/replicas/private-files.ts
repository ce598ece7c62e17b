/** Keeps the state folder and its files for this user alone, whatever the umask, also where an older gateway made them. */
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync } from "node:fs";

const FOLDER = 0o700;
const FILE = 0o600;

/** What a gateway keeps in its state folder: `<service>.sqlite` with what SQLite puts beside it, `<service>.secret`. */
const STATE_FILE = /\.(sqlite(-wal|-shm|-journal)?|secret(\.[0-9a-f]+)?)$/;

/**
 * Makes the folder when there is none. One that holds other things than state may be meant for others too (`/srv`, a home),
 * so its mode stays as it is: the files in it are still private.
 * @throws Error when it cannot be made
 */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: FOLDER });
  if (readdirSync(folder).every((name) => STATE_FILE.test(name))) restrict(folder, FOLDER);
}

/**
 * Makes the file when there is none. One that is there is not opened: closing it would release the locks that this process
 * has on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
 * @throws Error when it cannot be made
 */
export function makePrivateFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  restrict(file, FILE);
}

/** Only its owner can change a mode, and root should not: a volume of another user must stay writable for that user. */
function restrict(path: string, mode: number): void {
  const { uid, mode: current } = statSync(path);
  if (uid === process.geteuid?.() && (current & 0o777) !== mode) chmodSync(path, mode);
}
