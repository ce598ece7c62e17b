/** The files of the gateway's own that hold secrets: no server sees them in its sandbox. */
import { resolve } from "node:path";
import type { Environment } from "./environment.ts";

/** What names such files. */
export interface Naming {
  readonly env: Environment;
  /** Other files, as they are written; undefined = there is none. */
  readonly files: readonly (string | undefined)[];
  /** @default - the folder in which the gateway was started */
  readonly folder?: string;
}

/** Absolute paths, which need not exist. */
export function hiddenFiles({ env, files, folder = "." }: Naming): string[] {
  const ofVariables = Object.entries(env).flatMap(([name, file]) => (NAMES_SECRET.test(name) && file ? [file] : []));
  const others = files.filter((file) => file !== undefined);
  return [...new Set([...ofVariables.map((file) => resolve(file)), ...others.map((file) => resolve(folder, file))])];
}

/** `NAME_FILE` holds the value of NAME. That of certificates is for everybody. */
const NAMES_SECRET = /^(?!SSL_CERT_FILE$)\w+_FILE$/;
