/** The packages that are published, in the order in which they are built. */
import { buildAuth, buildCreate, buildGangway } from "./build.ts";
import { contents, type Contents } from "./contents.ts";

/** One package. */
export interface Package {
  readonly name: string;
  /** Writes its files, package.json included, to an empty folder. */
  readonly build: (folder: string) => Promise<void>;
  readonly contents: Contents;
}

export const packages: readonly Package[] = [
  { name: "create-gangway-mcp", build: buildCreate, contents: contents["create-gangway-mcp"] },
  { name: "gangway-auth", build: buildAuth, contents: contents["gangway-auth"] },
  { name: "gangway-mcp", build: buildGangway, contents: contents["gangway-mcp"] },
];
