/** The versions of Node that the package is for, each as its own program from npm. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Program } from "./program.ts";

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
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), "{}\n");
  const flags = ["--no-audit", "--no-fund", "--no-save", "--loglevel=error", "--fetch-retries=1"];
  const install = new Program("npm", ["install", ...flags, `${name}@${major}`], { cwd: place, env: process.env });
  return (await install.ended) === 0 ? join(place, "node_modules", name, "bin", "node") : undefined;
}
