/** Installs the packages of a lab, which the project itself does not depend on. */
import { spawnSync } from "node:child_process";

/** Runs `npm ci` in a folder, without install scripts. @returns whether it succeeded; npm prints why not */
export function npmCi(folder: string): boolean {
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  return status === 0;
}
