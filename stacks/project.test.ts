import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProject } from "./project.ts";
import { root } from "./shipped.ts";

function folderWith(catalog: string): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "gangway-place-")));
  onTestFinished(() => rmSync(path, { recursive: true }));
  mkdirSync(join(path, "stacks"));
  mkdirSync(join(path, "servers/mine"), { recursive: true });
  writeFileSync(join(path, catalog), "");
  return path;
}

test.each(["services.ts", "stacks/services.ts"])("a project is found from within it by its %s", (catalog) => {
  const folder = folderWith(catalog);
  const its = { folder, catalog: join(folder, catalog) };
  expect([findProject(folder), findProject(join(folder, "servers/mine"))]).toEqual([its, its]);
});

test("where there is none, a checkout is its own project", () => {
  const folder = folderWith("other.ts");
  expect(findProject(folder)).toEqual({ folder: root, catalog: join(root, "stacks/services.ts") });
});
