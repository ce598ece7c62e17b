import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { followVolume, prepareVolumes } from "./volumes.ts";

describe("a text follows its volume", () => {
  const volumes = { "/data": "memory", "/data/cache": "cache" };
  test.each([
    ["/data", "/here/memory"],
    ["/data/memory.jsonl", "/here/memory/memory.jsonl"],
    ["/data/cache/x", "/here/cache/x"],
    ["/database", "/database"],
    ["--dir=/data", "--dir=/data"],
    ["stdio", "stdio"],
  ])("%s", (text, expected) => {
    expect(followVolume(text, volumes, "/here")).toBe(expected);
  });
});

describe("a volume's folder", () => {
  const files = { name: "files", volumes: { "/data": "files" } };
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
