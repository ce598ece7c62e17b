import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { shipped } from "../../stacks/shipped.ts";
import { authManifest, manifest } from "./manifest.ts";

test("the package has the version of the checkout, no dependency, and only what a deploy needs as optional peers", () => {
  const { version } = JSON.parse(readFileSync(shipped("package.json"), "utf8")) as { readonly version: string };
  const its = manifest({}) as Record<string, unknown>;
  expect(its).toMatchObject({ name: "gangway-mcp", version, type: "module", files: ["dist"] });
  expect(its).not.toHaveProperty("dependencies");
  expect(its).not.toHaveProperty("scripts");
  expect(Object.keys(its["peerDependenciesMeta"] as object)).toEqual(Object.keys(its["peerDependencies"] as object));
});

test("the authorization server is a package of the same version, without dependencies, for the Node that it needs", () => {
  const { version } = manifest({}) as { readonly version: string };
  const its = authManifest({}) as Record<string, unknown>;
  expect(its).toMatchObject({ name: "gangway-auth", version, engines: { node: ">=24.7.0" } });
  expect(its).not.toHaveProperty("dependencies");
});

test("a release names the repository, as npm's provenance asks; elsewhere there is none", () => {
  const env = { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "someone/gangway" };
  expect(manifest(env)).toMatchObject({ repository: { url: "git+https://github.com/someone/gangway.git" } });
  expect(manifest({})).not.toHaveProperty("repository");
});
