import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { onPath } from "./on-path.ts";

function pathOf(...folders: string[]): void {
  const before = process.env["PATH"];
  process.env["PATH"] = folders.join(delimiter);
  onTestFinished(() => void (process.env["PATH"] = before));
}

test("the first file on the PATH that can be run is found; folders and plain files of that name are passed over", () => {
  const [one, two, three] = [1, 2, 3].map(() => mkdtempSync(join(tmpdir(), "path-"))) as [string, string, string];
  mkdirSync(join(one, "uvx"));
  writeFileSync(join(two, "uvx"), "");
  writeFileSync(join(three, "uvx"), "");
  chmodSync(join(three, "uvx"), 0o755);
  pathOf("/nowhere", one, two, three);
  expect(onPath("uvx")).toBe(join(three, "uvx"));
});

test("a program that is nowhere is undefined", () => {
  pathOf("/nowhere", "");
  expect(onPath("uvx")).toBeUndefined();
});
