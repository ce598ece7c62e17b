/** The package.json of each package that is published. */
import ours from "../../package.json" with { type: "json" };
import { oldestForLogins } from "../../stacks/auth-package.ts";
import { stackPackages } from "../../stacks/cloud-packages.ts";

/** The first Node 20 that has process.getBuiltinModule. */
const OLDEST = "20.16.0";

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

/** What all of them say. The version is that of the checkout. */
function common(name: string, env?: NodeJS.ProcessEnv): object {
  const { version, license } = ours;
  return { name, version, license, ...repository(env), type: "module", files: ["dist"] };
}

/** It depends on nothing, and whoever deploys brings the exact versions that we test with. */
export function manifest(env?: NodeJS.ProcessEnv): object {
  const program = "dist/scripts/gangway.js";
  return {
    ...common("gangway-mcp", env),
    description: ours.description,
    keywords,
    engines: { node: `>=${OLDEST}` },
    bin: { gangway: program, "gangway-mcp": program },
    exports: {
      ".": { types: "./dist/gateways/library.d.ts", default: "./dist/gateways/library.js" },
      "./catalog": { types: "./dist/stacks/catalog/package.d.ts", default: "./dist/stacks/catalog/package.js" },
      "./package.json": "./package.json",
    },
    peerDependencies: stackPackages,
    peerDependenciesMeta: Object.fromEntries(Object.keys(stackPackages).map((name) => [name, { optional: true }])),
  };
}

/** What the authorization server needs for STATE_URL alone. */
export const redisPackages = { ioredis: "^6.0.0" } as const;

/** The package.json of the authorization server: bundled whole, so it depends on nothing but for a store in Redis. */
export function authManifest(env?: NodeJS.ProcessEnv): object {
  return {
    ...common("gangway-auth", env),
    description: "The OAuth authorization server of gangway-mcp, which starts it where services have logins.",
    engines: { node: `>=${oldestForLogins.join(".")}.0` },
    bin: { "gangway-auth": "dist/main.js" },
    peerDependencies: redisPackages,
    peerDependenciesMeta: Object.fromEntries(Object.keys(redisPackages).map((name) => [name, { optional: true }])),
  };
}

/** The package.json of the package that `npm create gangway-mcp` runs. */
export function createManifest(env?: NodeJS.ProcessEnv): object {
  return {
    ...common("create-gangway-mcp", env),
    description: "npm create gangway-mcp my-servers: makes a project for gangway-mcp.",
    engines: { node: `>=${OLDEST}` },
    bin: "dist/scripts/create.js",
  };
}
