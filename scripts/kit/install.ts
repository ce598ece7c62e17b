/** Puts the catalog's npm servers into the project's cache: exact versions, by lockfile, without their scripts. */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./folder.ts";
import type { RunNpm } from "./npm.ts";
import { binOf, fileName, splitPackage } from "../../stacks/catalog/kinds/npm-package.ts";

/** Where servers are installed, and where their lockfiles are committed. */
export type Cache = Pick<typeof folder, "servers" | "locks">;

/** Where one package's files are. */
interface Places {
  readonly spec: string;
  readonly base: string;
  /** The package itself. */
  readonly root: string;
  /** Written last: without it, the install is incomplete. */
  readonly stamp: string;
  /** The committed lockfile. */
  readonly lock: string;
  readonly ownLock: string;
}

/** The result of an install. */
export interface Installed {
  /** The server's program. */
  readonly bin: string;
  /** A new lockfile, which must be committed. */
  readonly newLock?: string;
}

/** Whether the package is in the cache, complete and as its lockfile says. */
export function isInstalled(spec: string | undefined, cache: Cache = folder): boolean {
  if (spec === undefined) return true;
  const { stamp, lock, root } = placesOf(spec, cache);
  if (!existsSync(stamp) || !existsSync(root)) return false;
  const [made = "", of = ""] = readFileSync(stamp, "utf8").split("\n");
  return made === machine && (!existsSync(lock) || of === digest(lock));
}

/** Installs the package, unless it is installed already. */
export async function install(spec: string, npm: () => RunNpm, cache: Cache = folder): Promise<Installed> {
  const places = placesOf(spec, cache);
  const isNew = !existsSync(places.lock);
  if (!isInstalled(spec, cache)) await reinstall(places, npm());
  if (isNew) {
    mkdirSync(cache.locks, { recursive: true });
    copyFileSync(places.ownLock, places.lock);
  }
  return { bin: program(places), ...(isNew && { newLock: places.lock }) };
}

async function reinstall({ spec, base, stamp, lock, ownLock }: Places, npm: RunNpm): Promise<void> {
  const { name, version } = splitPackage(spec);
  const manifest = { name: "gangway-server", private: true, dependencies: { [name]: version } };
  rmSync(base, { recursive: true, force: true });
  mkdirSync(base, { recursive: true });
  writeFileSync(join(base, "package.json"), JSON.stringify(manifest));
  if (existsSync(lock)) copyFileSync(lock, ownLock);
  await npm(existsSync(lock) ? "ci" : "install", base);
  writeFileSync(stamp, `${machine}\n${digest(ownLock)}\n`);
}

function placesOf(spec: string, { servers, locks }: Cache): Places {
  const base = join(servers, fileName(spec));
  const lock = join(locks, `${fileName(spec)}.json`);
  const root = join(base, "node_modules", splitPackage(spec).name);
  return { spec, base, root, stamp: join(base, ".installed"), lock, ownLock: join(base, "package-lock.json") };
}

const program = ({ root }: Places) => join(root, binOf(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))));

// A Mac and a Linux container may share the folder: neither must get the other's binaries.
const machine = `${process.platform} ${process.arch}`;
const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
