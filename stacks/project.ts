/** The project whose services these are: where its catalog is, and what we keep for it. */
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { currentFolder } from "./current-folder.ts";
import { isPackage, root, shipped } from "./shipped.ts";

/** Where a project may have its catalog. */
const CATALOGS = ["services.ts", join("stacks", "services.ts")] as const;

interface Found {
  readonly folder: string;
  /** undefined: there is no project here. */
  readonly catalog: string | undefined;
}

/** The nearest folder with a catalog, from this one upwards. A checkout is a project itself. */
export function findProject(from: string): Found {
  for (let folder = from; ; folder = dirname(folder)) {
    const catalog = CATALOGS.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (catalog !== undefined) return { folder, catalog };
    if (dirname(folder) === folder) return isPackage ? { folder: from, catalog: undefined } : findProject(root);
  }
}

const found = findProject(currentFolder());

/** The project's folder. Without a project, the current one. */
export const project = found.folder;

/** The file with the catalog; undefined where there is no project. */
export const catalogFile = found.catalog;

/** Beside the catalog stands what is committed with it. */
const beside = catalogFile === undefined ? project : dirname(catalogFile);

/** What belongs to the project. */
export const place = {
  /** Settings and secrets. Git ignores it. */
  env: join(project, ".env"),
  /** What we keep. Git ignores it. */
  gangway: join(project, ".gangway"),
  /** The committed lockfiles of servers. */
  locks: join(beside, "locks"),
  /** The committed pins of rolled-back services. */
  pins: join(beside, "pins.json"),
  /** The committed digests of reviewed tools. */
  toolsLock: join(project, "tools.lock"),
  /** The committed list of tokens that have a name. */
  tokens: join(project, "tokens.json"),
} as const;

/** A path as a person in the project's folder types it, for a message. */
export const shown = (path: string): string => relative(project, path).replaceAll("\\", "/");

/** The documents that come with us, for a message. */
export const manual = {
  deploy: shown(shipped("stacks/DEPLOY.md")),
  operate: shown(shipped("stacks/OPERATING.md")),
} as const;

/** The catalog, for a message. */
export const shownCatalog: string = catalogFile === undefined ? "services.ts" : shown(catalogFile);
