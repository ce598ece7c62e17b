/** Installs a client at its pinned version, unless it is there. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { npmCi } from "../../kit/npm-ci.ts";
import type { FromNpm, FromPypi, Program } from "./program.ts";

const packages = join(import.meta.dirname, "packages");

/** An installed client. */
export interface Installed {
  /** The words that start it. */
  readonly command: readonly string[];
  readonly version: string;
}

/** @throws Error when it cannot be had here */
export function install({ from, name }: Program): Installed {
  return "npm" in from ? installNpm(from, name) : installPypi(from);
}

function installNpm({ npm, bin }: FromNpm, name: string): Installed {
  const folder = join(packages, npm);
  if (!existsSync(join(folder, "node_modules")) && !npmCi(folder)) throw new Error("npm cannot install it");
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const [version = ""] = Object.values(dependencies);
  const file = join(folder, "node_modules", bin.includes("/") ? bin : join(".bin", bin));
  if (!existsSync(file)) throw new Error(`${npm} has no ${bin}`);
  const isScript = /\.[cm]?js$/.test(bin);
  // Of a client that only lends its reader, the name is told too.
  return {
    command: isScript ? [process.execPath, file] : [file],
    version: name === npm ? version : `${npm} ${version}`,
  };
}

/** Not in the tree of sources: a virtual environment has thousands of files. */
const venvs = join(import.meta.dirname, "../../../.gangway/lab-clients");

function installPypi({ pypi, bin }: FromPypi): Installed {
  const [spec] = pypi;
  const venv = join(venvs, spec);
  const file = join(venv, "bin", bin);
  if (!existsSync(file)) {
    run("python3", ["-m", "venv", venv]);
    run(join(venv, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", ...pypi]);
  }
  return { command: [file], version: spec.split("==")[1] ?? "" };
}

/** @throws Error with its last line */
function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(error?.message ?? `pip cannot install it: ${stderr.trim().split("\n").at(-1)}`);
}
