import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defineServices } from "../../stacks/catalog/define.ts";
import { npm } from "../../stacks/catalog/kinds/npm.ts";
import { prepareVolumes } from "./volumes.ts";

describe("a volume's folder", () => {
  const { files } = defineServices({ files: { server: npm("pkg@1.2.3"), port: 1, volumes: { "/data": "files" } } });
  const data = mkdtempSync(join(tmpdir(), "gangway-data-"));
  const welcome = join(data, "files", "welcome.txt");

  test("is for us alone, and a new one greets its reader", () => {
    prepareVolumes(files, data);
    expect(readFileSync(welcome, "utf8")).toMatch(/^This folder is the volume "files" of the service "files"/);
    expect(statSync(join(data, "files")).mode & 0o777).toBe(0o700);
  });

  test("is left as it is afterwards", () => {
    rmSync(welcome);
    prepareVolumes(files, data);
    expect(existsSync(welcome)).toBe(false);
  });
});
