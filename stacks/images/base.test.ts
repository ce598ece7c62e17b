import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readBase } from "./base.ts";

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), "base-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

test("a project that has not chosen a base is built on ours", () => {
  expect(readBase(join(folder(), "locks", "base.json"))).toEqual({ image: expect.stringMatching(/^node:\d+-slim$/) });
});

test("a project's own base wins", () => {
  const file = join(folder(), "base.json");
  const own = { image: "node:26-slim", digest: "sha256:0" };
  writeFileSync(file, JSON.stringify(own));
  expect(readBase(file)).toEqual(own);
});
