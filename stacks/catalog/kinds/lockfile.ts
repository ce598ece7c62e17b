/** The committed lockfiles: exactly what is installed for a server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { place, shown } from "../../project.ts";
import { fileName } from "./npm-package.ts";

/**
 * The lockfile of a package at its version. It is read and checked once: hundreds of services may have the same server.
 * @param file its ending: "json" is npm's, "txt" uv's
 * @param howToWrite finishes "has no lockfile in locks: ..."
 * @throws Error when there is none, or when it would install something that it has no hash of
 */
export function readLock(spec: string, file: "json" | "txt", howToWrite: string): string {
  const path = join(place.locks, `${fileName(spec)}.${file}`);
  const text = locks.get(path) ?? checkedLock(path, spec, file, howToWrite);
  locks.set(path, text);
  return text;
}

/** By their paths. */
const locks = new Map<string, string>();

function checkedLock(path: string, spec: string, file: "json" | "txt", howToWrite: string): string {
  const text = readText(path, spec, howToWrite);
  const [first] = file === "json" ? npmWithoutHash(text) : pypiWithoutHash(text);
  if (first !== undefined)
    throw new Error(
      `the lockfile of ${spec} in ${shown(place.locks)} has no hash of ${first}, so anything could be installed in its place: remove the file, and ${howToWrite}`,
    );
  return text;
}

function readText(path: string, spec: string, howToWrite: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`${spec} has no lockfile in ${shown(place.locks)}: ${howToWrite}. Commit it`, {
      cause,
    });
  }
}

/** One package of npm's lockfile. */
interface Locked {
  readonly integrity?: string;
  readonly inBundle?: boolean;
}

/** The packages that `npm ci` would install without a look at what they are. What is bundled is in another's hash. */
export function npmWithoutHash(text: string): string[] {
  const { packages = {} } = JSON.parse(text) as { readonly packages?: Readonly<Record<string, Locked>> };
  return Object.entries(packages)
    .filter(([path, { integrity = "", inBundle }]) => path !== "" && !inBundle && !STRONG.test(integrity))
    .map(([path]) => path.replace(/^.*node_modules\//, ""));
}

const STRONG = /^sha(256|384|512)-[\w+/]+=*$/;

/** The same for what pip reads: each requirement goes on over the lines of its hashes. */
export function pypiWithoutHash(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => /^[\w-]/.test(line) && !/\s*--hash=sha256:[0-9a-f]{64}\b/.test(line))
    .map((line) => line.split(/[\s;]/)[0] ?? line);
}
