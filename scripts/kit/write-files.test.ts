import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFiles } from "./write-files.ts";

function folderWith(files: Readonly<Record<string, string>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "gangway-write-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

test("files are changed, made and removed; modes and links stay", () => {
  const at = folderWith({ a: "1", gone: "2", target: "3" });
  chmodSync(at("a"), 0o600);
  symlinkSync(at("target"), at("link"));
  writeFiles([
    { path: at("a"), before: "1", after: "one" },
    { path: at("locks/new"), before: undefined, after: "made" },
    { path: at("gone"), before: "2", after: undefined },
    { path: at("link"), before: "3", after: "three" },
  ]);
  expect([read(at("a")), read(at("locks/new")), read(at("gone")), read(at("target"))]).toEqual([
    "one",
    "made",
    undefined,
    "three",
  ]);
  expect([statSync(at("a")).mode & 0o777, lstatSync(at("link")).isSymbolicLink()]).toEqual([0o600, true]);
  expect(readdirSync(at(".")).filter((name) => name.startsWith("."))).toEqual([]);
});

test.each<readonly [string, (at: (name: string) => string) => void, string]>([
  ["somebody has changed one meanwhile", (at) => writeFileSync(at("b"), "other"), "has changed meanwhile"],
  ["one is read-only", (at) => chmodSync(at("b"), 0o444), "is read-only"],
  ["a file stands where a folder is needed", (at) => writeFileSync(at("folder"), ""), "cannot be written"],
])("where %s, none is changed", (_, spoil, problem) => {
  const at = folderWith({ a: "1", b: "2", gone: "3" });
  spoil(at);
  const before = [read(at("a")), read(at("b")), read(at("gone"))];
  const changes = [
    { path: at("a"), before: "1", after: "one" },
    { path: at("gone"), before: "3", after: undefined },
    { path: at("b"), before: "2", after: "two" },
    { path: at("folder/c"), before: undefined, after: "new" },
  ];
  expect(() => writeFiles(changes)).toThrow(problem);
  expect([read(at("a")), read(at("b")), read(at("gone"))]).toEqual(before);
  expect(readdirSync(at(".")).filter((name) => name.startsWith("."))).toEqual([]);
});
