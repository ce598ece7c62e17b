/** A command as a person pastes it. */
import type { Place } from "./format.ts";

/** For a POSIX shell, or for PowerShell on Windows. Whatever is in a word, it arrives as it is. */
export const shellLine = (words: readonly string[], os: Place["os"] = "linux"): string =>
  words.map(os === "win32" ? powershellWord : posixWord).join(" ");

const SAFE = /^[\w./:@=-]+$/;

/** In single quotes nothing has a meaning. */
const posixWord = (word: string): string => (SAFE.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The clients are scripts of npm, to which PowerShell passes a double quote only behind a backslash. */
const powershellWord = (word: string): string =>
  /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "''").replaceAll('"', '\\"')}'`;

/** The command that sets the variable to a service's token, for the shell that starts the client. */
export const exportLine = (variable: string, command: string, os: Place["os"] = "linux"): string =>
  os === "win32" ? `$env:${variable} = ${command}` : `export ${variable}=$(${command})`;
