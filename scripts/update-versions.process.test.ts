/** `gangway update` and `outdated` with two versions of a server on an npm registry of the test's own. */
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { npmRegistry } from "./add/fixtures/npm-registry.ts";
import { readerProject, tinyServer } from "./add/fixtures/reader-project.ts";
import { projectFiles } from "./init/files.ts";

let registry: string;
beforeAll(async () => {
  registry = await npmRegistry({
    "tiny-mcp": {
      versions: ["1.0.0", "2.0.0"],
      program: (version) => tinyServer(version === "1.0.0" ? '["hello", "old"]' : '["hello", "later"]'),
    },
  });
});

test("another version is shown with the tools that it changes, and is written as a whole or not at all", async () => {
  const { run, at, all, catalog, left } = readerProject(registry, projectFiles("mine", false));
  expect(await run("add", "tiny-mcp@1.0.0", "--yes")).toMatchObject({ code: 0 });
  const before = all();
  const outdated = await run("outdated", "tiny", "--json");
  expect(JSON.parse(outdated.out)).toMatchObject([{ service: "tiny", have: "1.0.0", newest: "2.0.0" }]);
  const asked = await run("update", "tiny");
  expect([asked.code, all()]).toEqual([2, before]);
  for (const words of ["tiny-mcp@1.0.0 -> tiny-mcp@2.0.0", "+ added: later", "- removed: old"])
    expect(asked.out).toContain(words);
  expect(await run("update", "tiny", "--yes")).toMatchObject({ code: 0, out: expect.stringContaining("is at 2.0.0") });
  expect(catalog()).toContain('npm("tiny-mcp@2.0.0")');
  const names = all().map(([name]) => name);
  expect(names).toContain("locks/tiny-mcp@2.0.0.json");
  expect(names).not.toContain("locks/tiny-mcp@1.0.0.json");
  const reviewed = readFileSync(at("tools.lock"), "utf8");
  expect([reviewed.includes('"later"'), reviewed.includes('"old"')]).toEqual([true, false]);
  expect((await run("update", "tiny")).out).toContain("tiny-mcp@2.0.0 is the newest version");
  expect(await run("update", "tiny", "--to", "1.0.0", "--yes")).toMatchObject({ code: 0 });
  expect([all(), left()]).toEqual([before, []]);
});
