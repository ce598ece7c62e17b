import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { project } from "../../stacks/project.ts";
import { refreshBase } from "./base.ts";

const DIGEST = `sha256:${"0".repeat(64)}`;

/** A folder of the project, with a `docker` first on the PATH that knows one image. */
function folderWithDocker(): string {
  const folder = mkdtempSync(join(tmpdir(), "base-"));
  const PATH = process.env["PATH"];
  const docker = `#!/bin/sh\n[ "$1" = image ] && echo '["node@${DIGEST}"]'\nexit 0\n`;
  writeFileSync(join(folder, "docker"), docker, { mode: 0o755 });
  process.env["PATH"] = [folder, PATH].join(delimiter);
  onTestFinished(() => {
    process.env["PATH"] = PATH;
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test("the first refresh of a project records our base in the project, and names the file as one sees it from there", async () => {
  const file = join(folderWithDocker(), "locks", "base.json");
  const said = await refreshBase(file);
  const { image, digest } = JSON.parse(readFileSync(file, "utf8")) as { image: string; digest: string };
  expect([image, digest]).toEqual([expect.stringMatching(/^node:\d+-slim$/), DIGEST]);
  expect(said).toMatch(`images are built on ${image}@${DIGEST}: commit `);
  expect(said.endsWith(join("locks", "base.json"))).toBe(true);
  expect(said).not.toContain(`commit ${project}`);
});
