/** Finds a command as the system does when it starts one. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/** Where it is started. */
export interface StartedAt {
  readonly cwd: string;
  /** PATH as the program has it. */
  readonly path: string | undefined;
}

/** @returns the file, or the error that starting it would have */
export function findCommand(command: string, { cwd, path = "" }: StartedAt): string | { readonly code: string } {
  if (command.includes("/")) return programAt(resolve(cwd, command));
  const files = path.split(delimiter).map((folder) => programAt(resolve(cwd, join(folder || ".", command))));
  const first = files.find((file) => typeof file === "string");
  return first ?? files.find((file) => typeof file !== "string" && file.code === "EACCES") ?? { code: "ENOENT" };
}

function programAt(file: string): string | { readonly code: string } {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() ? file : { code: "EACCES" };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? "ENOENT" };
  }
}
