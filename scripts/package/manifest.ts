/** The package.json of the package that is published. */
import { readFileSync } from "node:fs";
import { shipped } from "../../stacks/shipped.ts";

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The first Node 20 that has process.getBuiltinModule. */
const OLDEST = "20.16.0";

/** What a deploy needs beside the package itself. */
const forDeploys = [
  "cdktf",
  "constructs",
  "@cdktf/provider-cloudflare",
  "@cdktf/provider-digitalocean",
  "@cdktf/provider-docker",
] as const;

const keywords = [
  "mcp",
  "model-context-protocol",
  "mcp-server",
  "mcp-gateway",
  "mcp-proxy",
  "gateway",
  "stdio",
  "streamable-http",
  "self-hosted",
  "terraform",
  "cdktf",
];

/** Where the sources are, which npm's provenance must find here: a release knows it from GitHub, a checkout does not. */
function repository(env: NodeJS.ProcessEnv = process.env): object {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = env;
  if (!server || !name) return {};
  return { repository: { type: "git", url: `git+${server}/${name}.git` }, homepage: `${server}/${name}#readme` };
}

/** Its version is that of the checkout; it depends on nothing, and whoever deploys brings the exact versions that we test with. */
export function manifest(env?: NodeJS.ProcessEnv): object {
  const { version, description, license, dependencies } = JSON.parse(
    readFileSync(shipped("package.json"), "utf8"),
  ) as Manifest;
  const program = "dist/scripts/gangway.js";
  return {
    name: "gangway-mcp",
    version,
    description,
    license,
    keywords,
    ...repository(env),
    type: "module",
    engines: { node: `>=${OLDEST}` },
    bin: { gangway: program, "gangway-mcp": program },
    exports: { "./catalog": "./dist/stacks/catalog/package.js", "./package.json": "./package.json" },
    files: ["dist"],
    peerDependencies: Object.fromEntries(forDeploys.map((name) => [name, dependencies[name]])),
    peerDependenciesMeta: Object.fromEntries(forDeploys.map((name) => [name, { optional: true }])),
  };
}
