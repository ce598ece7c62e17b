/** Reads the text of `.env`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { shown } from "../project.ts";

/** The text; undefined where there is no file. @throws Error that names the file and what is wrong with it */
export function envTextOf(file: string | URL): string | undefined {
  const bytes = bytesOf(file);
  if (bytes?.includes(0)) throw new Error(`${named(file)} is no text in UTF-8 (is it UTF-16?): save it as UTF-8`);
  return bytes?.toString("utf8");
}

function bytesOf(file: string | URL): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`${named(file)} ${reasons[code] ?? `cannot be read (${code})`}`, { cause: error });
  }
}

const named = (file: string | URL) => shown(typeof file === "string" ? file : fileURLToPath(file));

const reasons: Readonly<Record<string, string>> = {
  EISDIR: "is a folder, expected a file with lines of NAME=value",
  EACCES: "cannot be read: you may not",
  EPERM: "cannot be read: you may not",
  ELOOP: "is a link to itself, expected a file with lines of NAME=value",
};
