/** The workflow that publishes, as far as it can be tried without publishing. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packages } from "../scripts/package/packages.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

const workflow = read(".github/workflows/release.yml");
const dockerfile = read("gateways/Dockerfile");
const { version } = JSON.parse(read("package.json")) as { readonly version: string };

/** The lines below one that begins like this, as far as they are indented further. */
function below(start: string, text: string): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.trimStart().startsWith(start));
  const indent = lines[first].search(/\S/);
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((line) => line !== "" && line.search(/\S/) <= indent);
  return rest.slice(0, end < 0 ? undefined : end).join("\n");
}

const job = (name: string) => below(`${name}:`, below("jobs:", workflow));

/** What a job may do. */
const permissionsOf = (text: string) =>
  Array.from(
    text.matchAll(/^ +(contents|packages|id-token|attestations): (\w+)/gm),
    ([, what, may]) => `${what}: ${may}`,
  );

/** The script of the step with this name. */
function scriptOf(step: string): string {
  const text = below(`- name: ${step}`, workflow);
  const [, line = ""] = /^ +run: ([^|].*)$/m.exec(text) ?? [];
  return line || below("run: |", text);
}

const run = (script: string, env: Readonly<Record<string, string>>) =>
  spawnSync("bash", ["-e", "-c", script], { cwd: root, encoding: "utf8", env: { PATH: process.env["PATH"], ...env } });

test.each([
  [`v${version}`, 0],
  ["v999.0.0", 1],
  [version, 1],
])("the tag %s ends the check with %s", (tag, code) => {
  expect(run(scriptOf("The tag is the version of package.json"), { GITHUB_REF_NAME: tag }).status).toBe(code);
});

test("each job may do no more than it needs, and none publishes before the check of the tag", () => {
  expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m);
  const all = ["npm", "image", "release"].map((name) => permissionsOf(job(name)));
  expect(all).toEqual([
    ["contents: read", "id-token: write"],
    ["contents: read", "packages: write", "id-token: write"],
    ["contents: write"],
  ]);
  expect([job("npm"), job("image")].filter((text) => text.includes("needs: check"))).toHaveLength(2);
  expect(job("release")).toContain("needs: [npm, image]");
});

test("what is published is what the package's own check has built, with provenance", () => {
  for (const text of [job("npm"), job("image")]) expect(text).toContain("run: npm run --silent package");
  expect(job("npm")).toContain('npm publish ".gangway/package/$name-$version.tgz" --provenance --access public');
});

test("every package is published, and the one that makes projects last, as they install the others", () => {
  const [, names = ""] = /for name in ([\w -]+); do/.exec(scriptOf("Publish each package that is not there yet")) ?? [];
  expect(names.split(" ").toSorted()).toEqual(packages.map(({ name }) => name).toSorted());
  expect(names.split(" ").at(-1)).toBe("create-gangway-mcp");
});

test("the image is for both architectures, with a bill of materials, its provenance and a signature", () => {
  const text = job("image");
  expect(text).toMatch(/platforms: linux\/amd64,linux\/arm64\b/);
  expect(dockerfile, "what it ran would need an emulator").not.toMatch(/^RUN/m);
  for (const line of ["sbom: true", "provenance: mode=max", "cosign sign --yes"]) expect(text).toContain(line);
});

test.each([
  ["v1.2.3", "ghcr.io/some-one/gangway-mcp:1.2.3,ghcr.io/some-one/gangway-mcp:latest"],
  ["v1.2.3-rc.1", "ghcr.io/some-one/gangway-mcp:1.2.3-rc.1"],
])("the image of %s is called %s", (tag, tags) => {
  const output = join(mkdtempSync(join(tmpdir(), "release-")), "output");
  run(scriptOf("Its name and its tags"), {
    GITHUB_REF_NAME: tag,
    GITHUB_REPOSITORY_OWNER: "Some-One",
    GITHUB_OUTPUT: output,
  });
  expect(readFileSync(output, "utf8")).toBe(`name=ghcr.io/some-one/gangway-mcp\ntags=${tags}\n`);
});

describe("the image", () => {
  test("runs on the Node of every other image, not as root, and says whether it is healthy", () => {
    const { image } = JSON.parse(read("stacks/locks/base.json")) as { readonly image: string };
    expect(dockerfile).toContain(`\nARG BASE=${image}\n`);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
  });
});
