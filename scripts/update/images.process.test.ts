/** The digests of images, with a `docker` of the test's own that stands for Docker and the registries behind it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { app } from "../../stacks/catalog/kinds/app.ts";
import { image } from "../../stacks/catalog/kinds/image.ts";
import { npm } from "../../stacks/catalog/kinds/npm.ts";
import { pinned, readDigests } from "../../stacks/images/digests.ts";
import { digestChanges, digestOf, imagesOf, movedLines } from "./images.ts";

const sha = (digit: string) => `sha256:${digit.repeat(64)}`;

/** A `docker` that has pulled these, and can pull nothing else. */
function withDocker(digests: Readonly<Record<string, readonly string[]>>): void {
  const folder = mkdtempSync(join(tmpdir(), "images-"));
  const PATH = process.env["PATH"];
  const cases = Object.entries(digests).map(
    ([name, all]) => `"pull "*" ${name}") ;;\n"image "*" ${name}") echo '${JSON.stringify(all)}' ;;`,
  );
  const script = `#!/bin/sh\ncase "$*" in\n${cases.join("\n")}\n*) echo "manifest unknown" >&2; exit 1 ;;\nesac\n`;
  writeFileSync(join(folder, "docker"), script, { mode: 0o755 });
  process.env["PATH"] = [folder, PATH].join(delimiter);
  onTestFinished(() => {
    process.env["PATH"] = PATH;
    rmSync(folder, { recursive: true });
  });
}

test.each<[string, readonly string[], string]>([
  ["postgres:18.4", [`postgres@${sha("1")}`], sha("1")],
  ["ghcr.io/a/b:v1", [`other/b@${sha("2")}`, `ghcr.io/a/b@${sha("3")}`], sha("3")],
  ["localhost:5000/a:1", [`localhost:5000/a@${sha("4")}`], sha("4")],
])("the digest of %s is that of its own repository", async (name, digests, expected) => {
  withDocker({ [name]: digests });
  expect(await digestOf(name)).toBe(expected);
});

test("an image that no registry has, or that was built here, has no digest, and that is said", async () => {
  withDocker({ "built/here:1": [] });
  await expect(digestOf("nobody/has:1")).rejects.toThrow("nobody/has:1 could not be pulled: manifest unknown");
  await expect(digestOf("built/here:1")).rejects.toThrow("has no digest: it was not pulled from a registry");
});

test("the images are the base, those of the proxy and those of the catalog, each once, and none that has its digest", () => {
  const images = imagesOf([
    { server: app({ image: "postgres:18.4", port: 1 }).server },
    { server: app({ image: "postgres:18.4", port: 2 }).server },
    { server: app({ image: `redis@${sha("1")}`, port: 3 }).server },
    { server: image("ghcr.io/a/b:v1", ["/b"]) },
    { server: npm("a@1.0.0") },
  ]);
  expect(images).toEqual([
    expect.stringMatching(/^node:\d+-slim$/),
    expect.stringMatching(/^nginxproxy\/nginx-proxy:/),
    expect.stringMatching(/^nginxproxy\/acme-companion:/),
    expect.stringMatching(/^cloudflare\/cloudflared:/),
    "postgres:18.4",
    "ghcr.io/a/b:v1",
  ]);
});

test("what has moved is shown, and written where a deployment reads it", () => {
  const moved = [
    { image: "postgres:18.4", before: sha("1"), after: sha("2") },
    { image: "redis:8", after: sha("3") },
  ];
  expect(movedLines(moved)).toEqual([
    "postgres:18.4: sha256:111111111111 -> sha256:222222222222",
    "redis:8: was at no digest -> sha256:333333333333",
  ]);
  const [base] = imagesOf([]);
  const changes = digestChanges({ [base!]: sha("4"), "redis:8": sha("3"), "postgres:18.4": sha("2") });
  expect(changes.map(({ path, after }) => [path.replace(/^.*locks./, ""), JSON.parse(after!)])).toEqual([
    ["base.json", { image: base, digest: sha("4") }],
    ["images.json", { "postgres:18.4": sha("2"), "redis:8": sha("3") }],
  ]);
});

test("an image is asked for by its digest where one is recorded, and by its tag where none is", () => {
  const file = join(mkdtempSync(join(tmpdir(), "digests-")), "images.json");
  onTestFinished(() => rmSync(file, { force: true }));
  expect(pinned("redis:8", readDigests(file))).toBe("redis:8");
  writeFileSync(file, JSON.stringify({ "redis:8": sha("5") }));
  expect(pinned("redis:8", readDigests(file))).toBe(`redis:8@${sha("5")}`);
  expect(pinned("redis:7", readDigests(file))).toBe("redis:7");
});
