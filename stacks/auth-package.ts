/** Where the authorization server is: in a checkout its sources, elsewhere a package of its own, which only logins need. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ours from "../package.json" with { type: "json" };
import { fileName } from "./catalog/kinds/npm-package.ts";
import { place, project } from "./project.ts";
import { isPackage, program, root } from "./shipped.ts";

/** It has the same version as the package that runs it: what the two say to each other changes with them. */
export const authPackage = { name: "gangway-auth", spec: `gangway-auth@${ours.version}` } as const;

/** The oldest Node that it runs on: the first with argon2 in node:crypto. node:sqlite is older. */
export const oldestForLogins = [24, 7] as const;

/** Where `npx gangway start` installs it, when the project has none of its own. */
export const authCache = {
  servers: join(place.gangway, "servers"),
  locks: join(place.gangway, "servers/locks"),
} as const;

/** Its program; undefined where the package must be installed first. */
export function findAuthServer(): string | undefined {
  if (!isPackage) return program("auth-server/main");
  const folder = places().find((path) => versionIn(path) === ours.version);
  return folder === undefined ? undefined : join(folder, "dist", "main.js");
}

/** @throws Error with the command that installs it */
export function needAuthServer(): string {
  const found = findAuthServer();
  if (found !== undefined) return found;
  throw new Error(
    `${authPackage.name} is not installed: services with logins need it. In ${project}:\n  ${installAuth}`,
  );
}

/** The command that installs it for good. */
export const installAuth = `npm install --save-dev --save-exact ${authPackage.spec}`;

/** In the project and above it, beside ourselves, and where we install it. */
function places(): string[] {
  const installed = join(authCache.servers, fileName(authPackage.spec));
  return [...above(project), ...above(root), installed].map((folder) => join(folder, "node_modules", authPackage.name));
}

function above(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

function versionIn(folder: string): string | undefined {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return undefined;
  return (JSON.parse(readFileSync(manifest, "utf8")) as { readonly version?: string }).version;
}
