/** The versions of Node that the package is for, each as its own program from npm. */
import { join } from "node:path";
import { installFromNpm } from "./from-npm.ts";

/** Their major versions. What the README and package.json say of Node follows from the first. */
export const majors = [20, 22, 24, 26] as const;

/** npm's package with the program for this machine. */
const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

/**
 * Installs the newest Node of a major version.
 * @returns the program; undefined where npm has none for this machine, or is not reached
 */
export async function nodeOf(major: number, folder: string): Promise<string | undefined> {
  const place = join(folder, `node-${major}`);
  const isHere = await installFromNpm(place, `${name}@${major}`);
  return isHere ? join(place, "node_modules", name, "bin", "node") : undefined;
}
