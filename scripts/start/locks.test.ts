import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { services } from "../../stacks/services.ts";
import { folder } from "../kit/folder.ts";
import { fileName, splitPackage } from "../../stacks/catalog/kinds/npm-package.ts";

const specs = Object.values(services).flatMap(({ server }) => (server.kind === "npm" ? [server.package] : []));

describe.each(specs)("the committed lockfile of %s", (spec) => {
  const text = readFileSync(join(folder.locks, `${fileName(spec)}.json`), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, { version?: string; integrity?: string }> };
  const { name, version } = splitPackage(spec);

  test("is for the version in the catalog", () => {
    expect(packages[""]).toMatchObject({ dependencies: { [name]: version } });
    expect(packages[`node_modules/${name}`]?.version).toBe(version);
  });

  test("has the integrity of every package, and names no registry", () => {
    const loose = Object.entries(packages).filter(([path, { integrity }]) => path !== "" && integrity === undefined);
    expect(loose).toEqual([]);
    expect(text).not.toContain('"resolved"');
  });
});
