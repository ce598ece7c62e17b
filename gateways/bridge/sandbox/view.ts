/** How the file system looks to a server in the sandbox: as it is, less what is hidden, with what it was given. */
import { lstatSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { OF_HOME, OF_MACHINE, OF_RUNNERS, OF_SYSTEM, TEMPORARY } from "./hidden-places.ts";

/** What is known of a server before it starts. */
export interface Viewer {
  /** Its arguments and the values of its own variables: whatever path is in them, it is to see and to write. */
  readonly named: readonly string[];
  /** Its command, and the values of variables that it inherits, such as PATH: it needs what they name, but was not given it. */
  readonly needed: readonly string[];
  /** Home folders: its own, and that of the user it runs as. */
  readonly homes: readonly string[];
  readonly cwd: string;
  /** Files of the gateway's own, and folders in which each server has its part two levels below. */
  readonly hidden: readonly string[];
  /** Whether a package runner fetches it. */
  readonly isFetched: boolean;
}

/** One place, and how much of it is shown when a path in it is named. */
interface Place {
  readonly path: string;
  /** The flags of bwrap for what is there. */
  readonly mount: (path: string) => readonly string[];
  /** How many levels below it what belongs together begins; 0 = what is named is shown alone. */
  readonly levels: 0 | 1 | 2;
  /** Whether what a server needs is shown, too. */
  readonly showsNeeded: boolean;
}

/** Bytes that a server may put into its folder of temporary files, which is memory. */
const MOST_TEMPORARY = 1024 ** 3;

/** The flags of bwrap that make it. Mounts come in the order of their paths, so that one below another one is on top of it. */
export function mountsFor(viewer: Viewer, uid = process.getuid?.() ?? 0): string[] {
  const { named, needed, cwd } = viewer;
  const mounts = new Map<string, readonly string[]>();
  const places = placesFor(viewer, uid).filter(({ path }) => exists(path));
  const given = pathsIn([...named, cwd], cwd);
  const all = [...given, ...pathsIn(needed, cwd)];
  for (const place of places.map((each) => ({ ...each, path: realpathSync.native(each.path) }))) {
    mounts.set(place.path, place.mount(place.path));
    for (const path of place.showsNeeded ? all : given) {
      const part = partOf(place, path);
      if (part !== undefined && exists(part)) mounts.set(part, ["--bind", part, part]);
    }
  }
  return [...mounts].toSorted(([one], [other]) => (one < other ? -1 : 1)).flatMap(([, flags]) => flags);
}

function placesFor({ hidden, homes, isFetched }: Viewer, uid: number): Place[] {
  const names = [...OF_HOME, ...(isFetched ? [] : OF_RUNNERS)];
  const ofHome = homes.flatMap((home) => names.map((name) => join(home, name)));
  const system = uid === 0 ? OF_SYSTEM.filter((path) => !isLink(path)) : [];
  return [
    ...system.map((path): Place => ({ path, mount: readOnly, levels: 0, showsNeeded: false })),
    ...TEMPORARY.map((path): Place => ({ path, mount: ownFolder, levels: 1, showsNeeded: true })),
    ...[...ofHome, ...OF_MACHINE(uid)].map((path): Place => ({ path, mount: cover, levels: 0, showsNeeded: false })),
    ...hidden.map((path): Place => ({ path, mount: cover, levels: isFolder(path) ? 2 : 0, showsNeeded: true })),
  ];
}

const readOnly = (path: string) => ["--ro-bind", path, path];
const ownFolder = (path: string) => ["--perms", "1777", "--size", String(MOST_TEMPORARY), "--tmpfs", path];
const cover = (path: string) => (isFolder(path) ? ["--tmpfs", path] : ["--ro-bind", "/dev/null", path]);

/** The part of a place that a path in it shows; undefined when the path is elsewhere, or names no part. */
function partOf({ path: place, levels }: Place, path: string): string | undefined {
  if (path === place) return levels < 2 ? place : undefined;
  if (!path.startsWith(`${place}/`)) return undefined;
  if (levels === 0) return path;
  const names = path.slice(place.length + 1).split("/");
  return names.length < levels ? undefined : join(place, ...names.slice(0, levels));
}

/** Paths in texts: `/data`, `--root=./docs`, `file:///data`, `/one:/two`. Anything else names no file that exists. */
function pathsIn(texts: readonly string[], cwd: string): string[] {
  const parts = texts.filter(({ length }) => length <= LONGEST).flatMap((text) => [text, ...text.split(/[=:,;'"\s]+/)]);
  return [...new Set(parts)].filter((part) => /[/.]/.test(part)).map((part) => resolve(cwd, part));
}

/** Characters of the longest text in which paths are looked for. */
const LONGEST = 16_384;

const exists = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;
const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
const isLink = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
