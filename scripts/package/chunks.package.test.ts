import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildGangway } from "./build.ts";

const folder = mkdtempSync(join(tmpdir(), "chunks-"));
beforeAll(() => buildGangway(folder));
afterAll(() => rmSync(folder, { recursive: true }));

const dist = join(folder, "dist");

/** The files that a program has in memory before it does anything, with their bytes. */
function loadedBy(program: string): ReadonlyMap<string, number> {
  const loaded = new Map<string, number>();
  const load = (file: string) => {
    const name = relative(dist, file);
    if (loaded.has(name)) return;
    const code = readFileSync(file, "utf8");
    loaded.set(name, code.length);
    for (const [, path = ""] of code.matchAll(/\b(?:from|import) ?"(\.[^"]+)"/g)) load(join(dirname(file), path));
  };
  load(join(dist, program));
  return loaded;
}

const bytes = (loaded: ReadonlyMap<string, number>) => [...loaded.values()].reduce((sum, size) => sum + size, 0);

describe("of the package", () => {
  test("`gangway` loads next to nothing before it knows what it is to do", () => {
    expect(bytes(loadedBy("scripts/gangway.js"))).toBeLessThan(20_000);
  });

  test("a gateway loads files of its own folder alone, so that its image needs no other", () => {
    const loaded = [...loadedBy("gateways/main.js").keys()];
    expect(loaded.filter((file) => !file.startsWith("gateways/"))).toEqual([]);
    expect(loaded.length).toBeGreaterThan(5);
  });

  test("what Terraform runs for each service loads no parser", () => {
    for (const program of ["gate", "limit", "secrets"])
      expect(bytes(loadedBy(`stacks/provision/${program}.js`)), program).toBeLessThan(220_000);
  });
});
