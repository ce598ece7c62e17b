/** The package.json of the package that is published. */
import { readFileSync } from "node:fs";
import { stackPackages } from "../../stacks/cloud-packages.ts";
import { shipped } from "../../stacks/shipped.ts";

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/** Its version is that of the checkout; it depends on nothing, and whoever deploys brings the exact versions that we test with. */
export function manifest(): object {
  const { version, description, license } = JSON.parse(readFileSync(shipped("package.json"), "utf8")) as Manifest;
  const program = "dist/scripts/gangway.js";
  return {
    name: "gangway-mcp",
    version,
    description,
    license,
    type: "module",
    engines: { node: ">=20" },
    bin: { gangway: program, "gangway-mcp": program },
    exports: {
      ".": "./dist/gateways/library.js",
      "./catalog": "./dist/stacks/catalog/package.js",
      "./package.json": "./package.json",
    },
    files: ["dist"],
    peerDependencies: stackPackages,
    peerDependenciesMeta: Object.fromEntries(Object.keys(stackPackages).map((name) => [name, { optional: true }])),
  };
}

/** The package.json of the package that `npm create gangway-mcp` runs. */
export function createManifest(): object {
  const { version, license } = JSON.parse(readFileSync(shipped("package.json"), "utf8")) as Manifest;
  return {
    name: "create-gangway-mcp",
    version,
    description: "npm create gangway-mcp my-servers: makes a project for gangway-mcp.",
    license,
    type: "module",
    engines: { node: ">=20" },
    bin: "dist/scripts/create.js",
    files: ["dist"],
  };
}
