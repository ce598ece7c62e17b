/** What npm has and we do not bring: where it is not reached, a test does without. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Program } from "./program.ts";

const FLAGS = ["--no-audit", "--no-fund", "--no-save", "--loglevel=error", "--fetch-retries=1"];

/** Installs packages into a folder. @returns whether npm has them for this machine, and is reached */
export async function installFromNpm(folder: string, ...specs: readonly string[]): Promise<boolean> {
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, "{}\n");
  const install = new Program("npm", ["install", ...FLAGS, ...specs], { cwd: folder, env: process.env });
  return (await install.ended) === 0;
}
