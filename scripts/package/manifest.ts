/** The package.json of the package that is published. */
import { readFileSync } from "node:fs";
import { shipped } from "../../stacks/shipped.ts";

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What a deploy needs beside the package itself. */
const forDeploys = [
  "cdktf",
  "constructs",
  "@cdktf/provider-cloudflare",
  "@cdktf/provider-digitalocean",
  "@cdktf/provider-docker",
] as const;

/** Its version is that of the checkout; it depends on nothing, and whoever deploys brings the exact versions that we test with. */
export function manifest(): object {
  const { version, description, license, dependencies } = JSON.parse(
    readFileSync(shipped("package.json"), "utf8"),
  ) as Manifest;
  const program = "dist/scripts/gangway.js";
  return {
    name: "gangway-mcp",
    version,
    description,
    license,
    type: "module",
    engines: { node: ">=20" },
    bin: { gangway: program, "gangway-mcp": program },
    exports: { "./catalog": "./dist/stacks/catalog/package.js", "./package.json": "./package.json" },
    files: ["dist"],
    peerDependencies: Object.fromEntries(forDeploys.map((name) => [name, dependencies[name]])),
    peerDependenciesMeta: Object.fromEntries(forDeploys.map((name) => [name, { optional: true }])),
  };
}
