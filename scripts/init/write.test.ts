import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { WrongUse } from "../kit/arguments.ts";
import { scratchFolder } from "../kit/folder.ts";
import { writeNew } from "./write.ts";

function scratch(): string {
  const { path, remove } = scratchFolder("init");
  onTestFinished(remove);
  return path;
}

const files = new Map([
  ["README.md", "# mine\n"],
  [".github/workflows/deploy.yml", "on: push\n"],
]);

test("a folder is made with those above it, and one that is there is filled", () => {
  const folder = scratch();
  for (const path of [join(folder, "new/project"), folder]) {
    writeNew(path, files);
    for (const [file, text] of files) expect(readFileSync(join(path, file), "utf8")).toBe(text);
  }
});

test("other files do not matter", () => {
  const folder = scratch();
  mkdirSync(join(folder, ".git"));
  writeFileSync(join(folder, "LICENSE"), "");
  expect(() => writeNew(folder, files)).not.toThrow();
});

test("every file in the way is named, none is overwritten, and nothing is written", () => {
  const folder = scratch();
  mkdirSync(join(folder, ".github/workflows"), { recursive: true });
  writeFileSync(join(folder, ".github/workflows/deploy.yml"), "theirs");
  symlinkSync("nowhere", join(folder, "README.md"));
  const problem = `${folder} has README.md, .github/workflows/deploy.yml already, and nothing is overwritten: move them away, or name another folder`;
  expect(() => writeNew(folder, files)).toThrow(new WrongUse(problem));
  expect(readFileSync(join(folder, ".github/workflows/deploy.yml"), "utf8")).toBe("theirs");
});

test("what cannot be finished leaves nothing behind", () => {
  const folder = scratch();
  writeFileSync(join(folder, ".github"), "a file");
  expect(() => writeNew(folder, files)).toThrow(/^the project could not be written: .*\.github/);
  expect(readdirSync(folder)).toEqual([".github"]);
});

test.each([
  ["a file", (path: string) => writeFileSync(path, ""), "a file is where a folder is expected"],
  [
    "a link to nowhere",
    (path: string) => symlinkSync("nowhere", path),
    "a link to nowhere is where a folder is expected",
  ],
  ["a link to itself", (path: string) => symlinkSync("taken", path), "a link "],
])("%s in the folder's place is named, and is the reader's to move", (_, take, reason) => {
  const folder = join(scratch(), "taken");
  take(folder);
  for (const path of [folder, join(folder, "below")]) {
    expect(() => writeNew(path, files)).toThrow(WrongUse);
    expect(() => writeNew(path, files)).toThrow(`the project could not be written: ${reason}`);
  }
});

test("a name that the file system does not take is told in our words", () => {
  const folder = join(scratch(), "x".repeat(300));
  expect(() => writeNew(folder, files)).toThrow(/^the project could not be written: the name is too long [^:]*$/);
});

test("a folder that one may not write to is named, and none is made in it", ({ skip }) => {
  const folder = scratch();
  chmodSync(folder, 0o500);
  skip(process.getuid?.() === 0, "root may write everywhere");
  expect(() => writeNew(join(folder, "project"), files)).toThrow("you may not write there");
  expect(existsSync(join(folder, "project"))).toBe(false);
});
