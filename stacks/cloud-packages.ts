/** The packages that only a deploy needs: whoever deploys installs them beside ours. */
import { createRequire } from "node:module";
import { join } from "node:path";
import ours from "../package.json" with { type: "json" };
import { project } from "./project.ts";
import { isPackage, root } from "./shipped.ts";

/** Those that our stacks import, each with the exact version that we test with. */
export const stackPackages = {
  cdktf: ours.dependencies.cdktf,
  constructs: ours.dependencies.constructs,
  "@cdktf/provider-cloudflare": ours.dependencies["@cdktf/provider-cloudflare"],
  "@cdktf/provider-digitalocean": ours.dependencies["@cdktf/provider-digitalocean"],
  "@cdktf/provider-docker": ours.dependencies["@cdktf/provider-docker"],
} as const;

/** The same, and the command line `cdktf`. */
export const cloudPackages = { ...stackPackages, "cdktf-cli": ours.dependencies["cdktf-cli"] } as const;

/** What npm must put in place of a dependency of cdktf-cli, which would need a compiler. */
export const cloudOverrides = ours.overrides;

/** @throws Error with the command that installs them, when they cannot be imported */
export function needsCloudPackages(): void {
  const missing = Object.keys(stackPackages).filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  throw new Error(
    `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not installed: only deployments need them. In ${project}:\n  ${installCommand()}`,
  );
}

/** As our programs would find it: from where they are. */
function isInstalled(name: string): boolean {
  try {
    return createRequire(join(root, "any.js")).resolve(name) !== "";
  } catch {
    return false;
  }
}

/** A package that npx keeps in its cache would not find what is installed in the project: then we are installed there too. */
function installCommand(): string {
  const isElsewhere = isPackage && !root.startsWith(join(project, "node_modules"));
  const packages = { ...(isElsewhere && { "gangway-mcp": ours.version }), ...cloudPackages };
  const specs = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  return `npm install --save-dev --save-exact ${specs.join(" ")}`;
}
